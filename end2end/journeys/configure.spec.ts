import { addEnvironment, addStage, createBuiltInEnvironment, createPipeline, fillStage, linkEnvironment, openConfiguration, problemOf, save, validated } from "../support/administrator";
import { createSolution, deployTo } from "../support/maker";
import { appears, button, choice, field, link, row, title } from "../support/page";
import { expect, test } from "../support/test";

test("an administrator sets up environments and a pipeline from nothing, and deploys through it", async ({ administrator: page }) => {
  test.slow();
  const names = { development: "Fabrikam Dev", test: "Fabrikam Test", production: "Fabrikam Production" };
  const ids: Record<string, string> = {};
  for (const [part, name] of Object.entries(names)) ids[part] = await createBuiltInEnvironment(page, name);

  for (const [part, name] of Object.entries(names)) {
    await addEnvironment(page, { name, type: part === "development" ? "Development Environment" : "Target Environment", id: ids[part]! });
    await expect(title(page, name)).toBeVisible();
    await validated(page, "Success");
  }
  await openConfiguration(page, "Environments");
  await expect(row(page, /Active|Added/, names.test)).toContainText("Success");

  await createPipeline(page, "Fabrikam Pipeline");
  await expect(page.getByRole("alert")).toContainText("Link at least one development environment.");
  await expect(page.getByRole("alert")).toContainText("Add at least one deployment stage.");
  await linkEnvironment(page, names.development);
  await addStage(page, "Fabrikam Pipeline", { name: "Test", target: names.test });
  await addStage(page, "Fabrikam Pipeline", { name: "Production", previous: `Test (${names.test})`, target: names.production });
  await expect(page.getByText("This pipeline cannot run yet:")).toHaveCount(0);
  await expect(page.getByRole("group", { name: "Order of deployment" })).toContainText(/Fabrikam Dev.*Test.*Production/s);

  await page.goto(`/environments/${ids.development}/solutions`);
  await createSolution(page, { displayName: "Fabrikam Base", name: "FabrikamBase", publisher: "Fabrikam", prefix: "fab" });
  await deployTo(page, "Test");

  await openConfiguration(page, "Run history");
  await expect(page.getByRole("table").getByRole("row", { name: /Fabrikam Pipeline/ })).toContainText("Succeeded");
  await openConfiguration(page, "Solution artifacts");
  await expect(page.getByRole("table").getByRole("row").nth(1)).toContainText(/[0-9a-f]{8}/);
});

test("an environment that is not there fails its validation, and says why", async ({ administrator: page }) => {
  await addEnvironment(page, { name: "Nowhere", type: "Target Environment", id: "00000000-0000-4000-8000-000000000000" });
  await validated(page, "Failed");
  await expect(page.getByLabel("Error Message")).toContainText(/environment/i);
  // Type and id are fixed from now on.
  await expect(page.getByLabel("Environment Type")).toHaveText("Target Environment");
  await expect(choice(page, "Environment Type")).toHaveCount(0);
});

test("the rules of the platform are told at the field, and what was entered stays", async ({ administrator: page }) => {
  await openConfiguration(page, "Pipelines");
  await page.getByRole("table").getByRole("link").first().click();
  const pipeline = await page.getByRole("heading", { level: 1 }).innerText();
  const form = page.url();

  // A second first stage.
  const spare = await createBuiltInEnvironment(page, "Contoso Spare");
  await addEnvironment(page, { name: "Contoso Spare", type: "Target Environment", id: spare });
  await validated(page, "Success");
  await page.goto(form);
  await link(page, "New deployment stage").click();
  await fillStage(page, { name: "Beside", target: "Contoso Spare" });
  await choice(page, "Previous Deployment Stage").selectOption("");
  await save(page);
  expect(await problemOf(choice(page, "Previous Deployment Stage"))).toContain("is the first stage of this pipeline");
  await expect(field(page, "Name")).toHaveValue("Beside");

  // A fork.
  await choice(page, "Previous Deployment Stage").selectOption({ index: 1 });
  await save(page);
  expect(await problemOf(choice(page, "Previous Deployment Stage"))).toMatch(/follows .* already/);

  // A name that is taken.
  await openConfiguration(page, "Pipelines");
  await link(page, "New").click();
  await field(page, "Name").fill(pipeline);
  await save(page);
  expect(await problemOf(field(page, "Name"))).toMatch(/name/i);

  // One environment that is to be of both types.
  await addEnvironment(page, { name: "Contoso Spare again", type: "Development Environment", id: spare });
  await validated(page, "Failed");
  await expect(page.getByLabel("Error Message")).not.toHaveText("---");
});

test("what is in use is not deleted, and the reason is told", async ({ administrator: page }) => {
  await openConfiguration(page, "Environments");
  await page.getByRole("table").getByRole("link", { name: "Contoso Test" }).click();
  await button(page, "Delete").click();
  await button(page.getByRole("dialog"), "Delete").click();
  await expect(page.getByRole("alert")).toContainText("Contoso");
  await openConfiguration(page, "Environments");
  await expect(page.getByRole("table").getByRole("link", { name: "Contoso Test" })).toBeVisible();
});

test("run history is filtered in its address", async ({ administrator: page }) => {
  await openConfiguration(page, "Run history");
  await choice(page, "Status").selectOption("Failed");
  await button(page, "Apply filters").click();
  await expect(page).toHaveURL(/status=failed/);
  await expect(choice(page, "Status")).toHaveValue("failed");
  await page.reload();
  await expect(choice(page, "Status")).toHaveValue("failed");
});

test("two administrators do not overwrite each other", async ({ administrator: page }) => {
  await openConfiguration(page, "Pipelines");
  await page.getByRole("table").getByRole("link").first().click();
  const other = await page.context().newPage();
  await other.goto(page.url());
  await field(page, "Description").fill("Mine");
  await save(page);
  await appears(page, page.getByText("was saved"));
  await field(other, "Description").fill("Theirs");
  await save(other);
  await expect(other.getByRole("alert")).toBeVisible();
  await expect(field(other, "Description")).toHaveValue("Theirs");
  await page.reload();
  await expect(field(page, "Description")).toHaveValue("Mine");
});

test("a maker sees nothing of the configuration", async ({ maker }) => {
  for (const path of ["/configuration", "/configuration/environments", "/configuration/people", "/configuration/pipelines/new"]) {
    const answer = await maker.goto(path);
    expect([403, 404]).toContain(answer?.status());
  }
});
