import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { HtmlValidate } from "html-validate";
import { answer, begin, deploy, next, openDemoSolution, step, walk } from "../support/maker";
import { button, field, title } from "../support/page";
import { everyPage } from "../support/site";
import { expect, test } from "../support/test";

/** Whether the source is HTML as the standard has it; what is good for people is axe's part. */
const validator = new HtmlValidate({ extends: ["html-validate:standard"] });

/** What axe finds on the page that is open: everything in light, and in dark what depends on colours. */
async function findings(page: Page): Promise<string[]> {
  const path = new URL(page.url()).pathname;
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
    const axe = new AxeBuilder({ page });
    const rules = colorScheme === "light" ? axe : axe.withRules(["color-contrast", "link-in-text-block"]);
    // What is found while a busy machine still paints the page is looked at once more: what is wrong with it stays.
    let { violations } = await rules.analyze();
    if (violations.length > 0) ({ violations } = await rules.analyze());
    for (const { id, nodes } of violations) {
      found.push(...nodes.map((node) => `${path} (${colorScheme}): ${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`));
    }
  }
  return found;
}

/** What the validator finds in the source of a page. */
async function mistakes(page: Page): Promise<string[]> {
  const address = page.url();
  const answer = await page.request.get(address, { headers: { accept: "text/html" } });
  // Two habits of Leptos that browsers read as they are meant: an empty comment where text begins, and the nonce as the
  // value of `crossorigin`.
  const source = (await answer.text()).replaceAll("<!>", "").replaceAll(/ crossorigin="[\w-]+"/g, " crossorigin");
  const { results } = await validator.validateString(source);
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, line, message }) => `${new URL(address).pathname}:${line}: ${ruleId}: ${message}`),
  );
}

test("axe and the validator find nothing on any page of a maker", async ({ maker }) => {
  test.setTimeout(600_000);
  await openDemoSolution(maker);
  const overview = maker.url();
  await begin(maker, "Test");
  await walk(maker);
  await deploy(maker);
  const run = maker.url();

  // A second run waits half-way, so that every step of the wizard is a page.
  await maker.goto(overview);
  await begin(maker, "Production");
  const steps = [maker.url()];
  const found: string[] = [];
  while (!(await step(maker, "Summary").isVisible())) {
    await answer(maker);
    await next(maker);
    steps.push(maker.url());
  }
  await field(maker, "Version").evaluate((input: HTMLInputElement) => (input.readOnly = false));
  await field(maker, "Version").fill("nonsense");
  await button(maker, "Deploy").click();
  steps.push(maker.url());

  const beginnings = ["/", overview, run, ...steps, "/account", "/account/sessions", "/account/tokens", "/nowhere"];
  await everyPage(maker, beginnings, async () => {
    found.push(...(await findings(maker)), ...(await mistakes(maker)));
  });
  expect(found).toEqual([]);
});

test("axe and the validator find nothing on any page of an administrator", async ({ administrator }) => {
  test.setTimeout(600_000);
  const found: string[] = [];
  await everyPage(administrator, ["/", "/configuration"], async () => {
    found.push(...(await findings(administrator)), ...(await mistakes(administrator)));
  });
  expect(found).toEqual([]);
});

test("axe and the validator find nothing on the page before signing in, nor when it refuses", async ({ page }) => {
  await page.goto("/sign-in");
  const found = [...(await findings(page)), ...(await mistakes(page))];
  await field(page, "Name").fill("nobody");
  await page.getByLabel("Password").fill("not a password of anybody");
  await button(page, "Sign in").click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(title(page, /Sign in/)).toBeVisible();
  found.push(...(await findings(page)));
  expect(found).toEqual([]);
});
