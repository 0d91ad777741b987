import { readFile } from "node:fs/promises";
import { answer, begin, deploy, deployTo, next, openDemoSolution, openPipelines, runStatus, stageCard, step, walk } from "../support/maker";
import { appears, button, choice, field, link, title } from "../support/page";
import { expect, test } from "../support/test";

test("settings prepared for a stage are offered there, and travel as a file", async ({ maker }) => {
  await openDemoSolution(maker);
  const overview = maker.url();
  await openPipelines(maker);
  await link(stageCard(maker, "Test"), "Settings for Test").click();
  await expect(title(maker, "Deployment settings")).toBeVisible();

  await field(maker, "Approval limit").fill("much");
  await button(maker, "Save").click();
  await expect(maker.getByText("The value is not a decimal number such as 12.5.")).toBeVisible();
  await expect(field(maker, "Approval limit")).toHaveValue("much");
  await field(maker, "Approval limit").fill("250");
  await button(maker, "Save").click();
  await expect(maker.getByText("The deployment settings were saved.")).toBeVisible();

  const download = maker.waitForEvent("download");
  await link(maker, "Export").click();
  const file = await readFile(await (await download).path(), "utf8");
  const settings = JSON.parse(file) as { EnvironmentVariables: { SchemaName: string; Value: string }[] };
  const limit = settings.EnvironmentVariables.find((entry) => entry.SchemaName === "contoso_ApprovalLimit");
  expect(limit?.Value).toBe("250");

  const send = async (content: string) => {
    const chosen = { name: "settings.json", mimeType: "application/json", buffer: Buffer.from(content) };
    await maker.getByLabel("Deployment settings file").setInputFiles(chosen);
    await button(maker, "Import").click();
  };
  await send(file.replace('"250"', '"300"').replaceAll("contoso_ApprovalLimit", "CONTOSO_approvallimit"));
  await expect(maker.getByText(/taken from the file/)).toBeVisible();
  await expect(field(maker, "Approval limit")).toHaveValue("300");
  await send(file.replace('"250"', '"a lot"'));
  await expect(maker.getByText(/EnvironmentVariables\[\d\]\.Value of contoso_ApprovalLimit/)).toBeVisible();
  await expect(field(maker, "Approval limit")).toHaveValue("300");

  await maker.goto(overview);
  await begin(maker, "Test");
  while (!(await step(maker, "Environment variables").isVisible())) {
    await answer(maker);
    await next(maker);
  }
  await expect(maker.getByRole("textbox", { name: /^Approval limit/ })).toHaveValue("300");
  await walk(maker);
  await deploy(maker);
  await expect(maker.getByText("What changes", { exact: true })).toBeVisible();

  // What is prepared reaches the target without a deployment, too.
  await maker.goto(overview);
  await openPipelines(maker);
  await link(stageCard(maker, "Test"), "Settings for Test").click();
  await field(maker, "Approval limit").fill("400");
  await button(maker, "Save").click();
  await expect(maker.getByText("Contoso Test has: 300", { exact: false })).toBeVisible();
  await button(maker, "Apply to Contoso Test").click();
  await walk(maker);
  await expect(maker.getByText("Connections and values only; nothing is imported")).toBeVisible();
  await button(maker, "Apply").click();
  await expect(maker).toHaveURL(/\/runs\/[0-9a-f-]+$/);
  await appears(maker, runStatus(maker, "Succeeded"));
  await expect(maker.getByText("Settings only, nothing is imported")).toBeVisible();
  await expect(maker.getByText("What changes", { exact: true })).toBeHidden();
  await maker.goto(overview);
  await openPipelines(maker);
  await link(stageCard(maker, "Test"), "Settings for Test").click();
  await expect(maker.getByText("Contoso Test has: 400", { exact: false })).toBeVisible();
});

test("runs and artifacts lead to what differs from the version before", async ({ maker }) => {
  test.slow();
  await openDemoSolution(maker);
  const overview = maker.url();
  await deployTo(maker, "Test");
  await maker.goto(overview);
  await deployTo(maker, "Test");
  await link(maker, /^Compare with version/).click();
  await expect(title(maker, "Comparison")).toBeVisible();

  await maker.goto(overview);
  await openPipelines(maker);
  await maker.getByRole("navigation", { name: "Pipeline" }).getByRole("link", { name: "Run history" }).click();
  const compare = link(maker, /^Compare .* with /);
  await expect(compare).toHaveCount(1);
  await compare.click();
  await expect(title(maker, "Comparison")).toBeVisible();

  const versions = maker.getByRole("form", { name: "Versions" });
  const before = choice(versions, "with");
  const [chosen, after] = [await before.inputValue(), await choice(versions, "Compare").inputValue()];
  expect(chosen).not.toBe(after);
  await before.selectOption(after);
  await button(versions, "Compare").click();
  await expect(maker.getByText("Nothing changes").or(maker.getByText("Nothing differs."))).toBeVisible();
});
