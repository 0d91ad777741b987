import type { Page } from "@playwright/test";
import { openDemoSolution } from "../support/maker";
import { everyPage } from "../support/site";
import { expect, test } from "../support/test";

/** Markup that comes alive wherever it is not text: in an element, in an attribute, in a title, in a text area. */
const markup = (number: number) =>
  `x${number}"'></title></textarea><img src=x onerror=hostile=1><b data-hostile>`;

/** Whether markup that somebody entered is alive on the page that is open. */
async function alive(page: Page): Promise<string[]> {
  const elements = await page.locator("[data-hostile], img[src='x']").count();
  const ran = await page.evaluate(() => "hostile" in window);
  return elements > 0 || ran ? [page.url()] : [];
}

/** The numbers of the forms of the page that is open into which text can be entered. */
function textForms(page: Page): Promise<number[]> {
  return page.evaluate(() =>
    [...document.forms].flatMap((form, number) =>
      form.querySelector("textarea, input:not([type]), input[type=text], input[type=search], input[type=url]") ? [number] : [],
    ),
  );
}

/** Fills every text field of a form, leaves the choices as they are where there is one, and posts it past the checks of the browser. */
async function post(page: Page, number: number, text: string): Promise<void> {
  await Promise.all([
    page.waitForEvent("load"),
    page.evaluate(
      ([number, text]) => {
        const form = document.forms[number as number];
        if (!form) throw new Error(`no form ${number}`);
        for (const field of form.querySelectorAll<HTMLInputElement>("textarea, input:not([type]), input[type=text], input[type=search], input[type=url]")) {
          field.readOnly = false;
          field.value = text as string;
        }
        for (const choice of form.querySelectorAll("select")) {
          if (choice.value === "") choice.selectedIndex = choice.options.length - 1;
        }
        HTMLFormElement.prototype.submit.call(form);
      },
      [number, text] as const,
    ),
  ]);
}

/** Enters markup into every form that can be reached from some pages. Tells where it was alive, and how many forms there were. */
async function enterEverywhere(page: Page, from: string[], first: number): Promise<{ found: string[]; forms: number }> {
  const found: string[] = [];
  let forms = 0;
  for (const address of await everyPage(page, from)) {
    await page.goto(address);
    for (const number of await textForms(page)) {
      await page.goto(address);
      // A form before may have led to a page without this one.
      if (!(await textForms(page)).includes(number)) continue;
      await post(page, number, markup(first + forms));
      found.push(...(await alive(page)));
      forms++;
    }
  }
  return { found, forms };
}

test("markup in any field of any form stays text on every page", async ({ administrator, maker, page }) => {
  test.setTimeout(400_000);
  await openDemoSolution(maker);
  const solution = maker.url();
  await page.goto("/sign-in");
  const entered = [
    await enterEverywhere(administrator, ["/", "/configuration", "/account/tokens"], 0),
    await enterEverywhere(maker, ["/", solution, "/account/tokens"], 1000),
    await enterEverywhere(page, ["/sign-in"], 2000),
  ];
  expect(entered.every(({ forms }) => forms > 0)).toBe(true);
  expect(entered.reduce((sum, { forms }) => sum + forms, 0)).toBeGreaterThan(10);

  const found = entered.flatMap(({ found }) => found);
  let shown = 0;
  for (const [person, from] of [[administrator, ["/", "/configuration", "/account/tokens"]], [maker, ["/", solution, "/account/tokens"]]] as const) {
    for (const address of await everyPage(person, [...from])) {
      await person.goto(address);
      found.push(...(await alive(person)));
      if ((await person.locator("body").innerText()).includes("<b data-hostile>")) shown++;
    }
  }
  expect(found).toEqual([]);
  // What was entered is there, as text.
  expect(shown).toBeGreaterThan(3);
});

test("a form that a page of another site posts does nothing", async ({ administrator, browser, server }) => {
  const context = await browser.newContext({ storageState: await administrator.context().storageState() });
  const page = await context.newPage();
  // The same machine by another name is another site.
  const elsewhere = "http://elsewhere.test/";
  await page.route(elsewhere, (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<!doctype html><title>Elsewhere</title><form method="post" action="${server.address}/sign-out"><button>Win a prize</button></form>`,
    }),
  );
  await page.goto(elsewhere);
  const [answer] = await Promise.all([
    page.waitForResponse(`${server.address}/sign-out`),
    page.getByRole("button", { name: "Win a prize" }).click(),
  ]);
  expect(answer.status()).toBe(403);
  await expect(page.getByText("not part of Slipway")).toBeVisible();
  await page.goto(`${server.address}/account`);
  await expect(page).toHaveURL(/\/account$/);
  await context.close();
});
