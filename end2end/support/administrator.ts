import { type Locator, type Page, expect } from "@playwright/test";
import { appears, button, choice, field, link, row, title } from "./page";

/** Goes to a list of the configuration by its navigation. */
export async function openConfiguration(page: Page, name: string): Promise<void> {
  if (!new URL(page.url()).pathname.startsWith("/configuration")) await page.goto("/configuration");
  await page.getByRole("navigation", { name: "Configuration" }).getByRole("link", { name, exact: true }).click();
  await expect(title(page, name)).toBeVisible();
}

/** Saves the record whose form is open. */
export async function save(page: Page): Promise<void> {
  await button(page, "Save").click();
}

/** Creates an environment that Slipway keeps itself, and tells its id. */
export async function createBuiltInEnvironment(page: Page, name: string): Promise<string> {
  await openConfiguration(page, "Built-in environments");
  await link(page, "New").click();
  await field(page, "Name").fill(name);
  await page.getByRole("spinbutton", { name: "Import pace" }).fill("0");
  await save(page);
  await expect(title(page, name)).toBeVisible();
  return page.getByLabel("Environment ID").innerText();
}

/** Sets how many milliseconds an import into a built-in environment takes for each component. */
export async function setImportPace(page: Page, environment: string, pace: number): Promise<void> {
  await openConfiguration(page, "Built-in environments");
  await link(page, environment).click();
  await page.getByRole("spinbutton", { name: "Import pace" }).fill(String(pace));
  await save(page);
  await appears(page, page.getByText("was saved"));
}

/** Opens the roles of an environment that Slipway keeps itself. */
export async function openRoles(page: Page, environment: string): Promise<void> {
  await openConfiguration(page, "Built-in environments");
  await link(page, environment).click();
  await link(page, "Roles").click();
  await expect(title(page, `Roles in ${environment}`)).toBeVisible();
}

/** Gives somebody who has none a role in the environment whose roles are open. */
export async function giveRole(page: Page, to: string, role: string): Promise<void> {
  await choice(page, "Give to").selectOption(to);
  await page.getByRole("checkbox", { name: role }).check();
  await button(page, "Save roles").click();
  await expect(row(page, "Roles given", to.replace(/ \(.*\)$/, ""))).toContainText(role);
}

/** What the record of an environment says. */
export interface EnvironmentRecord {
  name: string;
  type: "Development Environment" | "Target Environment";
  id: string;
}

/** Fills in and saves the record of an environment. */
export async function addEnvironment(page: Page, { name, type, id }: EnvironmentRecord): Promise<void> {
  await openConfiguration(page, "Environments");
  await link(page, "New").click();
  await field(page, "Name").fill(name);
  await choice(page, "Environment Type").selectOption(type);
  await page.getByLabel(/^Environment ID/).fill(id);
  await save(page);
}

/** Waits until the environment whose record is open has been validated. */
export async function validated(page: Page, as: "Success" | "Failed"): Promise<void> {
  await appears(page, page.getByLabel("Validation Status").filter({ hasText: as }));
}

/** Creates a pipeline and stays on its form. */
export async function createPipeline(page: Page, name: string): Promise<void> {
  await openConfiguration(page, "Pipelines");
  await link(page, "New").click();
  await field(page, "Name").fill(name);
  await save(page);
  await expect(title(page, name)).toBeVisible();
}

/** Links a development environment to the pipeline that is open. */
export async function linkEnvironment(page: Page, name: string): Promise<void> {
  await button(page, "Add existing development environment").click();
  const dialog = page.getByRole("dialog", { name: "Add an existing development environment" });
  await choice(dialog, "Development environment").selectOption(name);
  await button(dialog, "Add").click();
  await expect(page.getByRole("table", { name: "Linked development environments" }).getByRole("row", { name })).toBeVisible();
}

/** What the form of a stage takes. */
export interface Stage {
  name: string;
  /** Words of the previous stage in the drop-down, when it is not the first. */
  previous?: string;
  target: string;
}

/** Fills in the form of a stage. */
export async function fillStage(page: Page, { name, previous, target }: Stage): Promise<void> {
  await field(page, "Name").fill(name);
  if (previous) await choice(page, "Previous Deployment Stage").selectOption(previous);
  await choice(page, "Target Deployment Environment").selectOption(target);
}

/** Adds a stage to the pipeline that is open and comes back to it. */
export async function addStage(page: Page, pipeline: string, stage: Stage): Promise<void> {
  await link(page, "New deployment stage").click();
  await fillStage(page, stage);
  await button(page, "Save & Close").click();
  await expect(title(page, pipeline)).toBeVisible();
  await expect(page.getByRole("table", { name: "Deployment stages" }).getByRole("row", { name: stage.name })).toBeVisible();
}

/** What is wrong with a field, as the field refers to it. */
export async function problemOf(control: Locator): Promise<string> {
  await expect(control).toHaveAttribute("aria-invalid", "true");
  const ids = (await control.getAttribute("aria-describedby")) ?? "";
  const texts = ids.split(" ").filter(Boolean).map((id) => control.page().locator(`[id="${id}"]`).innerText());
  return (await Promise.all(texts)).join(" ");
}
