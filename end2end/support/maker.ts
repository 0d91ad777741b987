import { type Locator, type Page, expect } from "@playwright/test";
import { appears, button, field, link, title } from "./page";

/** Goes to the solutions of an environment. */
export async function openSolutions(page: Page, environment: string): Promise<void> {
  await page.goto("/");
  const chosen = page.getByRole("banner").getByText(environment, { exact: true });
  if (!(await chosen.first().isVisible())) await chooseEnvironment(page, environment);
  await expect(title(page, "Solutions")).toBeVisible();
}

/** Chooses an environment in the header. */
export async function chooseEnvironment(page: Page, environment: string): Promise<void> {
  const header = page.getByRole("banner");
  await header.getByRole("button", { name: /Environment/ }).click();
  await link(page, new RegExp(environment)).first().click();
  await expect(header.getByText(environment).first()).toBeVisible();
}

/** Sends a package to the environment whose solutions are open. */
export async function sendPackage(page: Page, file: string): Promise<void> {
  await link(page, "Import solution").click();
  await page.getByLabel("Solution package").setInputFiles(file);
  await button(page, "Import").click();
}

/** Imports a package into the environment whose solutions are open, and opens the solution. */
export async function importSolution(page: Page, file: string): Promise<void> {
  await sendPackage(page, file);
  await appears(page, title(page, /was imported/));
  await link(page, "Open the solution").click();
  await expect(page).toHaveURL(/\/solutions\/[^/]+$/);
}

/** A new solution with a publisher of its own. */
export interface NewSolution {
  displayName: string;
  name: string;
  publisher: string;
  prefix: string;
}

/** Creates a solution in the environment whose solutions are open, and opens it. */
export async function createSolution(page: Page, { displayName, name, publisher, prefix }: NewSolution): Promise<void> {
  await link(page, "New solution").click();
  await field(page, "Display name").fill(displayName);
  await field(page, "Name").fill(name);
  await field(page, "Publisher display name").fill(publisher);
  await field(page, "Publisher name").fill(publisher);
  await field(page, "Prefix").fill(prefix);
  await button(page, "Create").click();
  await expect(title(page, displayName)).toBeVisible();
}

/** Opens the only solution of the demo. */
export async function openDemoSolution(page: Page): Promise<void> {
  await openSolutions(page, "Contoso Dev");
  await page.getByRole("table", { name: "Solutions" }).getByRole("link").first().click();
  await expect(page).toHaveURL(/\/solutions\/[^/]+$/);
}

/** Opens the pipelines page of the solution that is open. */
export async function openPipelines(page: Page): Promise<void> {
  await page.getByRole("navigation", { name: "Solution" }).getByRole("link", { name: "Pipelines" }).click();
}

/** The card of a stage on the pipelines page. */
export function stageCard(page: Page, stage: string): Locator {
  return page.getByRole("region", { name: `Stage ${stage}`, exact: true });
}

/** What a maker answers in the wizard. */
export interface Answers {
  /** Values by the variable's display name. */
  variables?: Record<string, string>;
  /** The version, when it is not the one that is filled in. */
  version?: string;
  notes?: string;
}

/** Begins a deployment from the solution that is open and waits for the verdict of pre-flight. */
export async function begin(page: Page, stage: string): Promise<void> {
  await page.getByRole("main").getByRole("link", { name: "Deploy", exact: true }).first().click();
  await expect(title(page, "Deploying solution")).toBeVisible();
  await page.getByRole("radio", { name: stage, exact: true }).check();
  await next(page);
  await appears(page, page.getByText(/can be deployed to|cannot be deployed to/));
}

/** Goes through the steps of the wizard to its summary. */
export async function walk(page: Page, answers: Answers = {}): Promise<void> {
  while (!(await step(page, "Summary").isVisible())) {
    await answer(page, answers);
    await next(page);
  }
  if (answers.version) await field(page, "Version").fill(answers.version);
  if (answers.notes) await field(page, "Deployment notes").fill(answers.notes);
}

/** Answers what the step of the wizard that is open asks for. */
export async function answer(page: Page, answers: Answers = {}): Promise<void> {
  if (await step(page, "Connections").isVisible()) await chooseConnections(page);
  if (await step(page, "Environment variables").isVisible()) await enterVariables(page, answers.variables ?? {});
}

/** The heading of a step of the wizard. */
export function step(page: Page, name: string): Locator {
  return page.getByRole("heading", { level: 2, name, exact: true });
}

/** *Next*, which is a link where there is nothing to keep and a button where there is. */
export async function next(page: Page): Promise<void> {
  const before = page.url();
  await button(page, "Next").or(link(page, "Next")).click();
  await expect(page).not.toHaveURL(before);
  // The address changes before the step is there to look at.
  await page.waitForLoadState("domcontentloaded");
}

/** Chooses the first usable connection of every reference, or creates one where there is none. */
async function chooseConnections(page: Page): Promise<void> {
  for (const reference of await page.getByRole("listitem").filter({ has: page.getByRole("combobox") }).all()) {
    const usable = reference.getByRole("combobox").locator("option:not([value='']):not([disabled])");
    if ((await usable.count()) > 0) {
      await reference.getByRole("combobox").selectOption((await usable.first().getAttribute("value")) ?? "");
    } else {
      await reference.getByRole("textbox", { name: /Name of a new connection/ }).fill("Made by the journey");
    }
  }
}

/** Enters values by the variables' names; those that need a value and are given none get one that every type takes. */
async function enterVariables(page: Page, values: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(values)) {
    const control = page.getByRole("textbox", { name }).or(page.getByRole("combobox", { name }));
    if ((await control.evaluate((element) => element.tagName)) === "SELECT") await control.selectOption(value);
    else await control.fill(value);
  }
  for (const needed of await page.getByRole("textbox", { name: "(required)" }).all()) {
    if ((await needed.inputValue()) === "") await needed.fill("1");
  }
}

/** *Deploy*, and waits on the run's page until it has ended as expected. */
export async function deploy(page: Page, ending: "Succeeded" | "Failed" = "Succeeded"): Promise<void> {
  await button(page, "Deploy").click();
  await expect(page).toHaveURL(/\/runs\/[0-9a-f-]+$/);
  await appears(page, runStatus(page, ending));
}

/** This time tomorrow in UTC, as fields for a time have it. */
export function tomorrow(): string {
  return new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString().slice(0, 16);
}

/** The status that a run's page shows. */
export function runStatus(page: Page, status: string): Locator {
  return page.getByRole("main").getByRole("status").getByText(status, { exact: true }).first();
}

/** The whole of it: from the solution that is open into the target of a stage. */
export async function deployTo(page: Page, stage: string, answers: Answers = {}): Promise<void> {
  await begin(page, stage);
  await walk(page, answers);
  await deploy(page);
}

