import { type Page, expect } from "@playwright/test";
import { appears, button, choice, field, link, title } from "./page";

/** Goes to a page of the configuration by its navigation. */
export async function openConfiguration(page: Page, name: string): Promise<void> {
  if (!new URL(page.url()).pathname.startsWith("/configuration")) await page.goto("/configuration");
  await page.getByRole("navigation", { name: "Configuration" }).getByRole("link", { name, exact: true }).click();
  await expect(title(page, name)).toBeVisible();
}

/** Creates an environment that Slipway keeps itself, and tells its id. */
export async function createBuiltInEnvironment(page: Page, name: string): Promise<string> {
  await openConfiguration(page, "Built-in environments");
  await link(page, "New").click();
  await field(page, "Name").fill(name);
  await button(page, "Save").click();
  await expect(title(page, name)).toBeVisible();
  return page.url().match(/[0-9a-f]{8}-[0-9a-f-]{27}/)![0];
}

/** Adds the record of an environment, and waits until it has been validated. */
export async function addEnvironment(page: Page, name: string, type: "Development" | "Target", id: string, validation: "Success" | "Failed" = "Success"): Promise<void> {
  await openConfiguration(page, "Environments");
  await link(page, "New").click();
  await field(page, "Name").fill(name);
  await choice(page, "Environment type").selectOption({ label: new RegExp(type).test("Development") ? "Development Environment" : "Target Environment" });
  await field(page, "Environment ID").fill(id);
  await button(page, "Save").click();
  await appears(page, page.getByText(validation, { exact: true }).first());
}
