import type { Page } from "@playwright/test";
import { giveRole, openConfiguration, openRoles } from "../support/administrator";
import { begin, deploy, deployTo, openDemoSolution, walk } from "../support/maker";
import { appears, button, choice, fact, link, row } from "../support/page";
import { expect, test } from "../support/test";

/** Gives the one role to somebody who has others. */
async function change(page: Page, who: string, role: string): Promise<void> {
  await link(page, `Change the roles of ${who}`).click();
  for (const ticked of await page.getByRole("checkbox", { checked: true }).all()) await ticked.uncheck();
  await page.getByRole("checkbox", { name: role }).check();
  await button(page, "Save roles").click();
  await appears(page, page.getByText("The roles were saved."));
  await expect(row(page, "Roles given", who)).toContainText(role);
}

/** Says as whom a stage of the demo's pipeline deploys. */
async function delegate(page: Page, stage: string, to: string): Promise<void> {
  await openConfiguration(page, "Pipelines");
  await page.getByRole("table").getByRole("link").first().click();
  await link(page.getByRole("table", { name: "Deployment stages" }), stage).click();
  await choice(page, "Deploys as").selectOption(to);
  await button(page, "Save delegation").click();
  await appears(page, page.getByText("The delegation was saved."));
}

test("a maker without the right to import is told what is missing, and deploys once the role is given", async ({ administrator, maker }) => {
  await openRoles(administrator, "Contoso Test");
  await change(administrator, "Makers", "Environment Maker");
  const access = row(administrator, "Check access", "Miguel Silva");
  await expect(access).toContainText("Environment Maker through the team Makers");
  await expect(access.getByRole("cell")).toHaveText(["Yes", "Yes", "No", /Makers/]);

  await openDemoSolution(maker);
  await begin(maker, "Test");
  await expect(maker.getByText("cannot be deployed to Contoso Test")).toBeVisible();
  const finding = maker.getByRole("listitem").filter({ hasText: "0x80040220" });
  await expect(finding).toContainText("Miguel Silva may not import solutions in Contoso Test (prvImportCustomization).");
  await expect(finding).toContainText("the role System Customizer or System Administrator in Contoso Test");

  await change(administrator, "Makers", "System Customizer");
  await link(maker, "Try again").click();
  await maker.getByRole("radio", { name: "Test", exact: true }).check();
  await button(maker, "Next").click();
  await appears(maker, maker.getByText("can be deployed to Contoso Test"));
  await walk(maker);
  await deploy(maker);
  await expect(maker.getByText("Deploys as")).toHaveCount(0);
});

test("a delegated stage deploys as a service identity, and every run says who asked and as whom it ran", async ({ administrator, maker }) => {
  await openRoles(administrator, "Contoso Test");
  await button(administrator, "Remove the roles of Makers").click();
  await button(administrator.getByRole("dialog"), "Remove").click();
  await appears(administrator, administrator.getByText("The roles were removed."));
  await expect(row(administrator, "Roles given", "Makers")).toHaveCount(0);

  // The one it is delegated to needs the right instead.
  await delegate(administrator, "Test", "Service identity: Contoso Deployment");
  await expect(administrator.getByText("Nothing can be deployed here.")).toBeVisible();
  await link(administrator, "Roles in Contoso Test").click();
  await giveRole(administrator, "Contoso Deployment (service identity)", "System Customizer");

  await openDemoSolution(maker);
  await deployTo(maker, "Test");
  await expect(fact(maker, "Requested by")).toHaveText("Miguel Silva");
  await expect(fact(maker, "Deploys as")).toHaveText("Contoso Deployment");
  await expect(maker.getByText(/Importing version .* into Contoso Test as Contoso Deployment\./)).toBeVisible();

  await openConfiguration(administrator, "Run history");
  await expect(row(administrator, "Runs", "Contoso Expenses")).toContainText("as Contoso Deployment");
  await openConfiguration(administrator, "Audit log");
  await expect(row(administrator, "Audit log", "Contoso Deployment").first()).toBeVisible();
});
