import type { Locator, Page } from "@playwright/test";
import { runStatus, step } from "../support/maker";
import { button, link } from "../support/page";
import { expect, test } from "../support/test";

/** More stops than any page has. */
const MOST_STOPS = 120;

/** Presses Tab until an element has the focus, and sees to it that the focus can be seen. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.first().waitFor();
  for (let stops = 0; stops < MOST_STOPS; stops++) {
    await page.keyboard.press("Tab");
    if (await target.first().evaluate((element) => element === document.activeElement)) {
      const seen = await target.first().evaluate((element) => {
        const style = getComputedStyle(element);
        return (style.outlineStyle !== "none" && style.outlineWidth !== "0px") || style.boxShadow !== "none";
      });
      expect(seen, "the focus can be seen").toBe(true);
      return;
    }
  }
  throw new Error(`Tab never reached ${target}`);
}

async function press(page: Page, target: Locator, key = "Enter"): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

test("a deployment needs no mouse", async ({ maker }) => {
  await maker.goto("/");
  await maker.keyboard.press("Tab");
  await expect(link(maker, "Skip to content")).toBeFocused();
  await maker.keyboard.press("Enter");
  await expect(maker.getByRole("main")).toBeFocused();

  await press(maker, maker.getByRole("table").getByRole("link").first());
  await press(maker, maker.getByRole("main").getByRole("link", { name: "Deploy", exact: true }));
  await expect(step(maker, "Destination")).toBeVisible();
  await press(maker, maker.getByRole("radio", { name: "Test" }), "Space");
  await press(maker, button(maker, "Next"));
  await expect(maker.getByText("can be deployed to")).toBeVisible({ timeout: 30_000 });
  while (!(await step(maker, "Summary").isVisible())) {
    const before = maker.url();
    if (await step(maker, "Connections").isVisible()) {
      for (const choice of await maker.getByRole("combobox").all()) {
        await tabTo(maker, choice);
        await maker.keyboard.press("ArrowDown");
      }
    }
    for (const needed of await maker.getByRole("textbox", { name: "(required)" }).all()) {
      await tabTo(maker, needed);
      await maker.keyboard.type("250");
    }
    await press(maker, button(maker, "Next").or(link(maker, "Next")));
    await expect(maker).not.toHaveURL(before);
  }
  await press(maker, button(maker, "Deploy"));
  await expect(runStatus(maker, "Succeeded")).toBeVisible({ timeout: 45_000 });
});

test("menus open, close and give the focus back with the keyboard", async ({ maker }) => {
  await maker.goto("/");
  const opener = maker.getByRole("button", { name: /Environment/ });
  await press(maker, opener);
  await expect(maker.getByRole("navigation", { name: "Environments" })).toBeVisible();
  await maker.keyboard.press("Escape");
  await expect(maker.getByRole("navigation", { name: "Environments" })).toBeHidden();
  await expect(opener).toBeFocused();
});
