import { join } from "node:path";
import { begin, openDemoSolution, walk } from "../support/maker";
import { project } from "../support/server";
import { test } from "../support/test";

test("the README gets a picture of the wizard", async ({ maker }) => {
  await maker.setViewportSize({ width: 1280, height: 800 });
  await openDemoSolution(maker);
  await begin(maker, "Test");
  await walk(maker, { notes: "Expense reports can be approved from the phone." });
  await maker.screenshot({ path: join(project, "docs/wizard.png") });
});
