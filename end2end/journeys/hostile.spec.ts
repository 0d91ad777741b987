import type { Page } from "@playwright/test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openConfiguration } from "../support/administrator";
import { begin, deployTo, openDemoSolution, openPipelines, runStatus, stageCard, tomorrow, walk } from "../support/maker";
import { appears, button, choice, field, link, password, row } from "../support/page";
import { everyPage } from "../support/site";
import { expect, test } from "../support/test";

/** Markup that comes alive wherever it is not text: in an element, in an attribute, in a title, in a text area. */
const markup = (number: number) =>
  `x${number}"'></title></textarea><img src=x onerror=hostile=1><b data-hostile>`;

/** The fields that people write text into. Those for passwords and numbers are none. */
const TEXT = "textarea, input:not([type]), input[type=text], input[type=search], input[type=url]";

/**
 * Server functions that take words and no text that people write: ids, choices, passwords. Every other one that takes
 * words has to be met with a form on some page.
 */
const WITHOUT_TEXT = [
  ...["add_team_member", "apply_settings", "assign_pipeline", "check_again", "link_environment", "request_run", "save_gates"],
  ...["change_password", "delete_personal_pipeline", "disconnect_provider", "discard_run"],
  ...["check_drift", "give_environment_roles", "save_delegation", "take_environment_roles"],
  ...["reschedule_run", "save_time_zone", "save_windows"],
  ...["set_person_enabled", "set_person_roles", "share_pipeline", "unshare_pipeline"],
];

/** The names of the server functions that take words, as the source has them. */
function functionsOfWords(): string[] {
  const folder = join(import.meta.dirname, "../../app/src");
  const sources = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && file.name.endsWith(".rs"))
    .map((file) => readFileSync(join(file.parentPath, file.name), "utf8"));
  const functions = sources.flatMap((source) => [
    ...source.matchAll(/#\[server[^\n]*\]\n(?:#\[[^\n]*\]\n)*pub async fn (\w+)\(([^{]*?)\) -> Result/g),
  ]);
  return functions.filter(([, , parameters]) => /String|Vec</.test(parameters ?? "")).map(([, name]) => name ?? "");
}

/** Whether markup that somebody entered is alive on the page that is open. */
async function alive(page: Page): Promise<string[]> {
  const elements = await page.locator("[data-hostile], img[src='x']").count();
  const ran = await page.evaluate(() => "hostile" in window);
  return elements > 0 || ran ? [page.url()] : [];
}

/** The numbers of the forms of the page that is open into which text can be entered. */
function textForms(page: Page): Promise<number[]> {
  return page.evaluate((text) => [...document.forms].flatMap((form, number) => (form.querySelector(text) ? [number] : [])), TEXT);
}

/** Fills every text field of a form, leaves the choices as they are where there is one, and posts it past the checks of the browser. */
async function post(page: Page, number: number, text: string): Promise<string> {
  const [, action] = await Promise.all([
    page.waitForEvent("load"),
    page.evaluate(
      ([number, text, fields]) => {
        const form = document.forms[number as number];
        if (!form) throw new Error(`no form ${number}`);
        for (const field of form.querySelectorAll<HTMLInputElement>(fields as string)) {
          field.readOnly = false;
          field.value = text as string;
        }
        for (const choice of form.querySelectorAll("select")) {
          if (choice.value === "") choice.selectedIndex = choice.options.length - 1;
        }
        HTMLFormElement.prototype.submit.call(form);
        return form.getAttribute("action") ?? "";
      },
      [number, text, TEXT] as const,
    ),
  ]);
  return action.replace(/^.*\//, "").replace(/\d+$/, "");
}

/** Enters markup into every form that can be reached from some pages. Tells where it was alive, and what took it. */
async function enterEverywhere(page: Page, from: string[], first: number): Promise<{ found: string[]; functions: string[] }> {
  const found: string[] = [];
  const functions: string[] = [];
  for (const address of await everyPage(page, from)) {
    await page.goto(address);
    for (const [before, number] of (await textForms(page)).entries()) {
      if (before > 0) await page.goto(address);
      // A form before may have led to a page without this one.
      if (before > 0 && !(await textForms(page)).includes(number)) continue;
      functions.push(await post(page, number, markup(first + functions.length)));
      found.push(...(await alive(page)));
    }
  }
  return { found, functions };
}

/** What has to be there for every form to be on some page, and where those are that no link leads to for long. */
async function prepare(administrator: Page, maker: Page, passwordOfAdministrator: string): Promise<{ solution: string; pending: string; scheduled: string; personal: string; wizard: string[] }> {
  await openDemoSolution(maker);
  const solution = maker.url();
  await deployTo(maker, "Test");

  // A run that waits for an approval.
  await openConfiguration(administrator, "Pipelines");
  await administrator.getByRole("table", { name: "Pipelines" }).getByRole("link").first().click();
  await administrator.getByRole("table", { name: "Deployment stages" }).getByRole("link", { name: "Production", exact: true }).click();
  await administrator.getByRole("group", { name: "Approvers" }).getByRole("checkbox").first().check();
  await administrator.getByRole("spinbutton", { name: "Approvals needed" }).fill("1");
  await button(administrator, "Save gates").click();
  await maker.goto(solution);
  await begin(maker, "Production");
  await walk(maker);
  await button(maker, "Deploy").click();
  await expect(maker).toHaveURL(/\/runs\/[0-9a-f-]+$/);
  const pending = maker.url();

  // A run that waits for its settings.
  await maker.goto(solution);
  await begin(maker, "Test");
  const wizard = ["connections", "variables", "summary"].map((step) => maker.url().replace(/[^/]+$/, step));

  // A run that waits for its time. Its page is another kind of page than that of the one before.
  await maker.goto(solution);
  await openPipelines(maker);
  await link(stageCard(maker, "Test"), "Settings for Test").click();
  await button(maker, "Apply to Contoso Test").click();
  await walk(maker);
  await maker.getByRole("radio", { name: "Apply later" }).check();
  await field(maker, "Date and time").fill(tomorrow());
  await button(maker, "Apply").click();
  await expect(maker).toHaveURL(/\/runs\/[0-9a-f-]+$/);
  await appears(maker, runStatus(maker, "Scheduled"));
  const scheduled = `${maker.url()}?view=scheduled`;

  // A connection to a Dataverse environment that is not there.
  await openConfiguration(administrator, "Dataverse connections");
  await link(administrator, "New").click();
  await field(administrator, "Name").fill("Contoso");
  await field(administrator, "Environment ID").fill("8a3c5f0e-2b4d-4e6f-9a1b-3c5d7e9f1a2b");
  await field(administrator, "Address").fill("http://127.0.0.1:9");
  await field(administrator, "Tenant").fill("contoso.com");
  await field(administrator, "Application (client) ID").fill("client");
  await password(administrator, "Client secret").fill("secret");
  await field(administrator, "Authority").fill("http://127.0.0.1:9");
  await button(administrator, "Save").click();
  await expect(administrator.getByText("The environment cannot be used like this.")).toBeVisible();

  // A webhook to where nobody is.
  await openConfiguration(administrator, "Webhooks");
  await link(administrator, "New").click();
  await field(administrator, "Name").fill("Operations");
  await field(administrator, "Address").fill("https://hooks.invalid");
  await button(administrator, "Save").click();
  await expect(administrator.getByText("The webhook was created.")).toBeVisible();

  // A personal pipeline.
  await administrator.goto(solution);
  await openPipelines(administrator);
  await link(administrator, "Create pipeline").click();
  await field(administrator, "Name").fill("Of one person");
  await choice(administrator, "Target environment").selectOption("Contoso Test");
  await button(administrator, "Save").click();
  await link(administrator, "Edit pipeline").click();
  const edited = administrator.url();

  // A token, which takes a password beside the words.
  await administrator.goto("/account/tokens");
  await field(administrator, "Name").fill(markup(3000));
  await password(administrator, "Your password in Slipway").fill(passwordOfAdministrator);
  await button(administrator, "Create token").click();
  await expect(row(administrator, "API tokens", "data-hostile")).toBeVisible();
  return { solution, pending, scheduled, personal: edited, wizard };
}

test("markup in any field of any form stays text on every page, with scripting and without", async ({ administrator, baseURL, browser, maker, page, server }) => {
  test.setTimeout(600_000);
  const { solution, pending, scheduled, personal, wizard } = await prepare(administrator, maker, server.administrator.password);
  const ofAdministrator = [pending, scheduled, personal, `${solution}/pipelines/new`, "/", "/configuration", "/account/tokens"];
  const ofMaker = [...wizard, "/", solution, "/account/tokens"];
  await page.goto("/sign-in");
  const entered = [
    await enterEverywhere(maker, ofMaker, 1000),
    await enterEverywhere(administrator, ofAdministrator, 0),
    await enterEverywhere(page, ["/sign-in"], 2000),
  ];
  expect(entered.every(({ functions }) => functions.length > 0)).toBe(true);
  // A new form that no page above leads to is missing here.
  const met = new Set(entered.flatMap(({ functions }) => functions));
  const words = functionsOfWords();
  expect(words.length).toBeGreaterThan(20);
  expect(words.filter((name) => !met.has(name) && !WITHOUT_TEXT.includes(name))).toEqual([]);
  expect(WITHOUT_TEXT.filter((name) => met.has(name) || !words.includes(name))).toEqual([]);

  const found = entered.flatMap(({ found }) => found);
  let shown = 0;
  for (const [person, from] of [[administrator, ofAdministrator], [maker, ofMaker]] as const) {
    for (const javaScriptEnabled of [true, false]) {
      const storageState = await person.context().storageState();
      const context = await browser.newContext({ baseURL, storageState, javaScriptEnabled });
      const reader = await context.newPage();
      await reader.goto("/");
      await everyPage(reader, [...from], async () => {
        found.push(...(await alive(reader)));
        if ((await reader.locator("body").innerText()).includes("<b data-hostile>")) shown++;
      });
      await context.close();
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
