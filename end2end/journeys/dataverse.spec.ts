import { addEnvironment, addStage, createBuiltInEnvironment, createPipeline, linkEnvironment, openConfiguration, save, validated } from "../support/administrator";
import { createSolution, deployTo } from "../support/maker";
import { appears, button, field, link, password, row, title } from "../support/page";
import { start } from "../support/server";
import { expect, signIn, test } from "../support/test";

test("an administrator connects an environment of another Slipway as Dataverse, and deploys into it", async ({ administrator: page, browser }) => {
  test.slow();
  const other = await start();
  const context = await browser.newContext({ baseURL: other.address });
  try {
    // There: an application that may use the environment.
    const there = await context.newPage();
    await signIn(there, other.administrator);
    const id = await createBuiltInEnvironment(there, "Adatum Production");
    await link(there, "Applications").click();
    await field(there, "Name").fill("The other Slipway");
    await button(there, "Add application").click();
    const client = await there.locator(".client-id").innerText();
    const secret = await there.locator(".one-time-password").innerText();
    await there.reload();
    await expect(row(there, "Applications", "The other Slipway")).toContainText("Never");
    await expect(there.getByText(secret)).toHaveCount(0);

    // Here: a connection, with a wrong secret first.
    await openConfiguration(page, "Dataverse connections");
    await link(page, "New").click();
    await field(page, "Name").fill("Far Production");
    await field(page, "Environment ID").fill(id);
    await field(page, "Address").fill(`${other.address}/environments/${id}`);
    await field(page, "Tenant").fill("slipway");
    await field(page, "Application (client) ID").fill(client);
    await password(page, "Client secret").fill("wrong");
    await field(page, "Authority").fill(other.address);
    await save(page);
    await expect(page.getByText("The environment cannot be used like this.")).toBeVisible();
    await password(page, "Client secret").fill(secret);
    await save(page);
    await expect(page.getByText("The environment can be used.")).toBeVisible();
    await expect(page.getByText("Adatum Production, version")).toBeVisible();
    await openConfiguration(page, "Dataverse connections");
    await expect(row(page, "Dataverse connections", "Far Production")).toContainText("Success");

    // Then it is an environment like any other.
    await addEnvironment(page, { name: "Far Production", type: "Target Environment", id });
    await validated(page, "Success");
    const development = await createBuiltInEnvironment(page, "Near Dev");
    await addEnvironment(page, { name: "Near Dev", type: "Development Environment", id: development });
    await validated(page, "Success");
    await createPipeline(page, "Into the distance");
    await linkEnvironment(page, "Near Dev");
    await addStage(page, "Into the distance", { name: "Far", target: "Far Production" });
    await page.goto(`/environments/${development}/solutions`);
    await createSolution(page, { displayName: "Fabrikam Base", name: "FabrikamBase", publisher: "Fabrikam", prefix: "fab" });
    await deployTo(page, "Far");

    await there.goto(`/configuration/built-in-environments/${id}`);
    await expect(there.getByLabel("Solutions", { exact: true })).toHaveText("1");
    await link(there, "Applications").click();
    await expect(row(there, "Applications", "The other Slipway")).not.toContainText("Never");
    await openConfiguration(page, "Dataverse connections");
    await link(page, "Far Production").click();
    await button(page, "Delete").first().click();
    await button(page.getByRole("dialog"), "Delete").click();
    await appears(page, page.getByText("the environment record “Far Production” uses it"));
    await expect(title(page, "Far Production")).toBeVisible();
  } finally {
    await context.close();
    await other.stop();
  }
});
