import { type Locator, type Page, expect, test } from "@playwright/test";

/** How long something that happens in the background may take, on a busy machine. */
const LONGEST_WAIT = 45_000;

/** Whether this test runs with scripting switched on. */
export function scripting(): boolean {
  return test.info().project.use.javaScriptEnabled !== false;
}

/**
 * Waits until something that happens in the background is on the page. With scripting the page has to find out by
 * itself; without, the reader looks again.
 */
export async function appears(page: Page, what: Locator): Promise<void> {
  if (scripting()) {
    await expect(what).toBeVisible({ timeout: LONGEST_WAIT });
    return;
  }
  await expect(async () => {
    if (!(await what.isVisible())) await page.reload();
    await expect(what).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: LONGEST_WAIT });
}

/** The heading of the page. */
export function title(page: Page, name: string | RegExp): Locator {
  return page.getByRole("heading", { level: 1, name });
}

/** A text field by its label. Labels of required fields carry a star that is not part of their name. */
export function field(page: Page | Locator, name: string): Locator {
  return page.getByRole("textbox", { name, exact: true });
}

/** A field for a password by its label; such fields have no role. */
export function password(page: Page, name: string): Locator {
  return page.getByLabel(new RegExp(`^${name}( \\*)?$`));
}

/** A drop-down by its label. */
export function choice(page: Page | Locator, name: string): Locator {
  return page.getByRole("combobox", { name, exact: true });
}

/** A button by its words. */
export function button(page: Page | Locator, name: string | RegExp): Locator {
  return page.getByRole("button", { name, exact: typeof name === "string" });
}

/** A link by its words. */
export function link(page: Page | Locator, name: string | RegExp): Locator {
  return page.getByRole("link", { name, exact: typeof name === "string" });
}

/** The row of a table that has a cell, or a heading of its own, with this text. */
export function row(page: Page | Locator, table: string | RegExp, text: string | RegExp): Locator {
  return page.getByRole("table", { name: table }).getByRole("row").filter({ hasText: text });
}

/** The value beside a fact's name. */
export function fact(page: Page | Locator, name: string): Locator {
  return page.locator("dl > div, dl").getByRole("definition").and(page.locator(`dt:text-is("${name}") + dd`)).first();
}
