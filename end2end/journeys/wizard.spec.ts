import { begin, deploy, next, openDemoSolution, step, walk } from "../support/maker";
import { button, field, link, title } from "../support/page";
import { expect, test } from "../support/test";

test.beforeEach(async ({ maker }) => {
  await openDemoSolution(maker);
});

test("Back and reload keep what was entered", async ({ maker }) => {
  await begin(maker, "Test");
  await walk(maker, { notes: "Kept </textarea><b>as it is</b>" });
  await field(maker, "Version").fill("0.0");
  await button(maker, "Deploy").click();

  // Refused at the field, with everything that was entered.
  await expect(step(maker, "Summary")).toBeVisible();
  await expect(field(maker, "Version")).toHaveAttribute("aria-invalid", "true");
  await expect(field(maker, "Version")).toHaveValue("0.0");
  await expect(field(maker, "Deployment notes")).toHaveValue("Kept </textarea><b>as it is</b>");
  await maker.reload();
  await expect(field(maker, "Deployment notes")).toHaveValue("Kept </textarea><b>as it is</b>");

  await link(maker, "Back").click();
  await expect(step(maker, "What will change")).toBeVisible();
  await maker.reload();
  await expect(step(maker, "What will change")).toBeVisible();
  await maker.goBack();
  await expect(step(maker, "Summary")).toBeVisible();
});

test("a half-finished wizard is taken up again from the pipelines page, in another tab", async ({ maker }) => {
  await begin(maker, "Test");
  await next(maker);
  const second = await maker.context().newPage();
  await second.goto(maker.url());
  await expect(title(second, "Deploying solution")).toBeVisible();

  await link(maker, "Close").last().click();
  await expect(maker.getByText("waits for its settings")).toBeVisible();
  await link(maker, "Continue").click();
  await walk(maker);
  await deploy(maker);

  // The other tab is behind; it says so instead of deploying twice.
  await second.reload();
  await expect(second.getByText("This deployment is done.")).toBeVisible();
  await link(second, "Open the run").click();
  await expect(second).toHaveURL(maker.url());
});

test("steps that are done are links, steps to come are not", async ({ maker }) => {
  await begin(maker, "Test");
  await next(maker);
  const steps = maker.getByRole("navigation", { name: "Steps" });
  await expect(steps.getByRole("link", { name: "Pre-flight" })).toBeVisible();
  await expect(steps.getByRole("link", { name: "Summary" })).toHaveCount(0);
  await steps.getByRole("link", { name: "Destination" }).click();
  await expect(step(maker, "Destination")).toBeVisible();
  await next(maker);
  await expect(step(maker, "Pre-flight")).toBeVisible();
});
