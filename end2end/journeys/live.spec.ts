import { setImportPace } from "../support/administrator";
import { begin, openDemoSolution, runStatus, walk } from "../support/maker";
import { button, fact, title } from "../support/page";
import { expect, test } from "../support/test";

test("a run is followed without loading its page again", async ({ administrator, maker }) => {
  // Slow enough that a page that is loaded again every other second would be caught.
  await setImportPace(administrator, "Contoso Test", 400);
  await openDemoSolution(maker);
  await begin(maker, "Test");
  await walk(maker);
  await button(maker, "Deploy").click();
  await expect(maker).toHaveURL(/\/runs\/[0-9a-f-]+$/);
  await maker.locator("body[data-hydrated]").waitFor();
  let loads = 0;
  maker.on("load", () => loads++);
  await expect(maker.getByRole("progressbar").first()).toBeVisible();
  await expect(runStatus(maker, "Succeeded")).toBeVisible({ timeout: 45_000 });
  // What the server renders beside the live part follows as well.
  await expect(fact(maker, "Artifact (SHA-256)")).toHaveText(/^[0-9a-f]{64}$/);
  await expect(button(maker, "Cancel deployment")).toHaveCount(0);
  expect(loads).toBe(0);
  await expect(title(maker, /to Test/)).toBeVisible();
});
