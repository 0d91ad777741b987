import { type Browser, type Page, expect, test as base } from "@playwright/test";
import { field, password } from "./page";
import { type Account, type Server, start } from "./server";

export { expect };

/** What a test gets: a Slipway of its own with the demo, and signed-in people as they need them. */
interface Fixtures {
  server: Server;
  /** A page on which the administrator has signed in. */
  administrator: Page;
  /** A page on which the maker has signed in. */
  maker: Page;
}

export const test = base.extend<Fixtures>({
  server: async ({}, use, info) => {
    const server = await start();
    await use(server);
    if (info.status !== info.expectedStatus) await info.attach("slipway.log", { body: server.output() });
    await server.stop();
  },
  baseURL: async ({ server }, use) => use(server.address),
  administrator: ({ browser, server }, use) => signedIn(browser, server.administrator, use),
  maker: ({ browser, server }, use) => signedIn(browser, server.maker, use),
});

async function signedIn(browser: Browser, account: Account, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await signIn(page, account);
  await use(page);
  await context.close();
}

/** Signs in; the first time, with the one-time password, chooses a password as Slipway asks for. */
export async function signIn(page: Page, account: Account): Promise<void> {
  await page.goto("/sign-in");
  await field(page, "Name").fill(account.userName);
  await password(page, "Password").fill(account.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).not.toHaveURL(/\/sign-in/);
  if (new URL(page.url()).pathname === "/account") {
    const chosen = `${account.userName} chose a long password`;
    await password(page, "Current password").fill(account.password);
    await password(page, "New password").fill(chosen);
    await password(page, "New password again").fill(chosen);
    await page.getByRole("button", { name: "Change password" }).click();
    account.password = chosen;
    await expect(page).not.toHaveURL(/\/account/);
  }
}
