import { openConfiguration } from "../support/administrator";
import { openDemoSolution, openPipelines, stageCard } from "../support/maker";
import { button, choice, link, row, title } from "../support/page";
import { expect, test } from "../support/test";

test("a pipeline is there for a maker as long as it is shared with them or their team, and their role lets them use it", async ({ administrator, maker }) => {
  await openDemoSolution(maker);
  const solution = maker.url();
  await openPipelines(maker);
  await expect(stageCard(maker, "Test")).toBeVisible();
  const pipelines = maker.url();

  await openConfiguration(administrator, "Pipelines");
  await administrator.getByRole("table").getByRole("link").first().click();
  await link(administrator, "Share").click();
  await row(administrator, "Shared with", "Makers").getByRole("button", { name: "Stop sharing with Makers" }).click();
  await expect(administrator.getByText("The share was taken back.")).toBeVisible();
  for (const address of [solution, pipelines]) expect((await maker.goto(address))?.status()).toBe(404);
  await maker.goto("/");
  await expect(maker.getByRole("main").getByText("There is no environment you may use yet.")).toBeVisible();

  await choice(administrator, "Share with").selectOption("Miguel Silva");
  await button(administrator, "Share").click();
  await expect(row(administrator, "Shared with", "Miguel Silva")).toContainText("Read");
  await maker.goto(pipelines);
  await expect(stageCard(maker, "Test")).toBeVisible();
  await link(maker, "Check access").click();
  const own = row(maker, /^Access to/, "Miguel Silva");
  await expect(own).toContainText("Shared with them (Read)");
  await expect(own).toContainText("Deployment Pipeline User through the team Makers");
  // Who else may use it is not for them to know.
  await expect(maker.getByRole("row")).toHaveCount(2);
  await expect(link(maker, "Share")).toHaveCount(0);

  // The team brought the role, and a share is worth nothing without one.
  await openConfiguration(administrator, "Security Teams");
  await link(administrator, "Makers").click();
  await button(administrator, "Remove Miguel Silva").click();
  await expect(row(administrator, "Members", "Miguel Silva")).toHaveCount(0);
  expect((await maker.goto(pipelines))?.status()).toBe(404);

  await openConfiguration(administrator, "Audit log");
  for (const action of ["Stop sharing", "Share", "Remove member"]) {
    await expect(row(administrator, "Audit log", action).first()).toBeVisible();
  }
});

test("an owner who is no administrator shares what is theirs, and gives no more than they have", async ({ administrator, maker }) => {
  await openConfiguration(administrator, "Pipelines");
  await administrator.getByRole("table").getByRole("link").first().click();
  const form = administrator.url();
  await link(administrator, "Share").click();
  await choice(administrator, "Owner").selectOption("Miguel Silva");
  await button(administrator, "Assign").click();
  await expect(title(administrator, /^Access to/)).toBeVisible();

  await maker.goto(`${form}/share`);
  await choice(maker, "Share with").selectOption({ index: 1 });
  await maker.getByRole("checkbox", { name: "Write" }).check();
  await button(maker, "Share").click();
  await expect(maker.getByText("The pipeline was shared.")).toBeVisible();
  // Its form stays with administrators.
  expect((await maker.goto(form))?.status()).toBe(403);
});
