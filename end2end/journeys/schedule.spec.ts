import { openConfiguration } from "../support/administrator";
import { begin, openDemoSolution, openPipelines, runStatus, stageCard, tomorrow, walk } from "../support/maker";
import { appears, button, choice, field, link, row, title } from "../support/page";
import { expect, test } from "../support/test";

test("a maker deploys later, and changes that", async ({ maker, administrator }) => {
  await openDemoSolution(maker);
  const overview = maker.url();
  await maker.goto("/account/time-zone");
  await choice(maker, "Time zone").selectOption("Asia/Kolkata");
  await button(maker, "Save").click();
  await expect(maker.getByText("Your time zone was saved.")).toBeVisible();

  await maker.goto(overview);
  await begin(maker, "Test");
  await walk(maker);
  await maker.getByRole("radio", { name: "Later" }).check();
  await expect(choice(maker, "Time zone")).toHaveValue("Asia/Kolkata");
  await field(maker, "Date and time").fill("2020-01-01T08:00");
  await button(maker, "Deploy").click();
  await expect(maker.getByText("Wed, Jan 1, 2020 8:00 AM (Asia/Kolkata) has passed.", { exact: false })).toBeVisible();
  await expect(field(maker, "Date and time")).toHaveValue("2020-01-01T08:00");
  await field(maker, "Date and time").fill(tomorrow());
  await button(maker, "Deploy").click();
  await expect(maker).toHaveURL(/\/runs\/[0-9a-f-]+$/);
  await appears(maker, runStatus(maker, "Scheduled"));
  const run = maker.url();

  await maker.goto(overview);
  await openPipelines(maker);
  await expect(stageCard(maker, "Test").getByText(/Scheduled for .* \(Asia\/Kolkata\)/)).toBeVisible();
  await link(maker, "Run history").click();
  await expect(row(maker, /Run history/, "Scheduled for")).toBeVisible();
  await openConfiguration(administrator, "Queue");
  await expect(row(administrator, "Queue of Contoso Test", "Scheduled for")).toBeVisible();

  await maker.goto(run);
  await button(maker, "Start as soon as possible").click();
  await appears(maker, runStatus(maker, "Succeeded"));
});

test("a freeze holds a deployment until an administrator lets it through", async ({ maker, administrator }) => {
  await openConfiguration(administrator, "Pipelines");
  await administrator.getByRole("table", { name: "Pipelines" }).getByRole("link").first().click();
  await administrator.getByRole("table", { name: "Deployment stages" }).getByRole("link", { name: "Test", exact: true }).click();
  await link(administrator, "Deployment windows").click();
  await expect(title(administrator, "Deployment windows")).toBeVisible();
  const first = administrator.getByRole("group", { name: "Window 1" });
  await first.getByRole("checkbox", { name: "Mon" }).check();
  await first.getByLabel("From").fill("00:00");
  await button(administrator, "Save windows").click();
  await expect(administrator.getByText("Window 1: Enter a time such as 20:00.")).toBeVisible();
  await expect(first.getByRole("checkbox", { name: "Mon" })).toBeChecked();
  for (const day of ["Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]) await first.getByRole("checkbox", { name: day }).check();
  await first.getByLabel("To").fill("00:00");
  await button(administrator, "Save windows").click();
  await expect(administrator.getByText("The deployment windows were saved.")).toBeVisible();
  await field(administrator, "Frozen from").fill("2020-01-01T00:00");
  await field(administrator, "Frozen until").fill(tomorrow());
  await field(administrator, "Reason").fill("Year-end closing");
  await button(administrator, "Declare freeze").click();
  await expect(administrator.getByText("A freeze lasts a year at most.", { exact: false })).toBeVisible();
  await field(administrator, "Frozen from").fill(new Date().toISOString().slice(0, 16));
  await button(administrator, "Declare freeze").click();
  await expect(row(administrator, "Freezes", "Year-end closing")).toBeVisible();

  await openDemoSolution(maker);
  await begin(maker, "Test");
  await walk(maker);
  await expect(maker.getByText("Test is frozen: Year-end closing.", { exact: false })).toBeVisible();
  await button(maker, "Deploy").click();
  await expect(maker).toHaveURL(/\/runs\/[0-9a-f-]+$/);
  await appears(maker, runStatus(maker, "Scheduled"));
  await expect(button(maker, "Deploy outside of the windows")).toBeHidden();

  await administrator.goto(maker.url());
  await button(administrator, "Deploy outside of the windows").click();
  await field(administrator, "Reason").fill("Payroll is down");
  await button(administrator, "Deploy anyway").click();
  await appears(administrator, runStatus(administrator, "Succeeded"));
  await expect(administrator.getByText("Payroll is down – ", { exact: false }).first()).toBeVisible();
});
