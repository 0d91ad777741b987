import type { Page, Request } from "@playwright/test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { button, field, password, title } from "../support/page";
import { type Provider, startProvider } from "../support/provider";
import { type Server, freePort, start } from "../support/server";
import { expect, test as base } from "../support/test";

/** A Slipway that knows the provider Contoso. */
const test = base.extend<{ provider: Provider; server: Server }>({
  provider: async ({}, use) => {
    const port = await freePort();
    const provider = await startProvider(`http://127.0.0.1:${port}`);
    provider.settings.port = port;
    await use(provider);
    await provider.stop();
  },
  server: async ({ provider }, use, info) => {
    const { port, ...providers } = provider.settings;
    const server = await start({
      settings: {
        SLIPWAY_PORT: String(port),
        SLIPWAY_PUBLIC_URL: `http://127.0.0.1:${port}`,
        SLIPWAY_PROVIDERS: JSON.stringify(providers),
      },
    });
    await use(server);
    if (info.status !== info.expectedStatus) await info.attach("slipway.log", { body: server.output() });
    await server.stop();
  },
});

const adele = () => ({ oid: "0b7f3d4c-8e8a-4b40-8a3b-1d3c5e7f9a11", name: "Adele Vance", userName: "adele@contoso.com" });

/** Goes to the provider, and says there who one is when it asks. */
async function signInWithContoso(page: Page, account: string, from = "/sign-in"): Promise<void> {
  await page.context().clearCookies({ name: /^_/ });
  await page.goto(from);
  await button(page, "Sign in with Contoso").click();
  await field(page, "Account").fill(account);
  await button(page, "Continue").click();
}

/** Goes to the provider, and gives the way back before it is gone. */
async function wayBack(page: Page, account: string): Promise<string> {
  await page.goto("/sign-in");
  await button(page, "Sign in with Contoso").click();
  await expect(field(page, "Account")).toBeVisible();
  const { request } = page.context();
  let answer = await request.post(page.url(), { form: { account }, maxRedirects: 0 });
  for (;;) {
    const { location } = answer.headers();
    if (location === undefined) throw new Error(`${answer.url()} leads nowhere: ${answer.status()}`);
    const address = new URL(location, answer.url()).href;
    if (address.includes("/sign-in/contoso/callback")) return address;
    answer = await request.get(address, { maxRedirects: 0 });
  }
}

/** The request with which the provider sends the browser back. */
function callback(page: Page): Promise<Request> {
  return page.waitForRequest(/\/sign-in\/contoso\/callback/);
}

test("somebody signs in with the provider, gets to the page they asked for, and leaves no secret behind", async ({ page, provider, server }) => {
  provider.accounts.set("adele", adele());
  await page.goto("/account/sessions");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  const back = callback(page);
  const there = page.waitForRequest((request) => request.url().startsWith(`${provider.issuer}/auth?`));
  await signInWithContoso(page, "adele", page.url());
  await expect(page).toHaveURL(/\/account\/sessions$/);
  await expect(page.getByRole("table", { name: "Sessions" })).toContainText("Contoso");
  await expect(button(page, "Account of Adele Vance")).toBeVisible();

  const query = new URL((await back).url()).searchParams;
  await server.stop({ keepData: true });
  const kept = [Buffer.from(server.output())];
  for (const file of await readdir(server.data, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) kept.push(await readFile(join(file.parentPath, file.name)));
  }
  const nonce = new URL((await there).url()).searchParams.get("nonce") ?? "";
  const session = (await page.context().cookies(server.address)).find(({ name }) => name === "slipway")?.value ?? "";
  expect(provider.verifiers).toHaveLength(1);
  const ofSignIn = [query.get("code") ?? "", query.get("state") ?? "", nonce, ...provider.verifiers];
  for (const secret of [provider.clientSecret, session, ...ofSignIn]) {
    expect(secret).not.toBe("");
    expect(kept.some((bytes) => bytes.includes(secret))).toBe(false);
  }
});

test("a token with another nonce signs nobody in", async ({ page, provider }) => {
  provider.accounts.set("adele", adele());
  await page.route(`${provider.issuer}/auth?**`, (route) => {
    const url = new URL(route.request().url());
    url.searchParams.set("nonce", "of somebody else");
    return route.fulfill({ status: 303, headers: { location: url.href } });
  }, { times: 1 });
  await signInWithContoso(page, "adele");
  await expect(page.getByText("cannot be relied on")).toBeVisible();
  await page.goto("/account");
  await expect(page).toHaveURL(/\/sign-in/);
});

test("a code that has expired signs nobody in", async ({ page, provider }) => {
  provider.accounts.set("adele", adele());
  provider.codesLast = 1;
  const back = await wayBack(page, "adele");
  await expect.poll(() => provider.isRedeemable(new URL(back).searchParams.get("code") ?? "")).toBe(false);
  await page.goto(back);
  await expect(page.getByText("cannot be relied on")).toBeVisible();
  await page.goto("/account");
  await expect(page).toHaveURL(/\/sign-in/);
});

test("a sign-in counts once, and only in the browser that began it", async ({ page, browser, provider }) => {
  provider.accounts.set("adele", adele());
  const back = await wayBack(page, "adele");
  // Somebody else's browser gets hold of the way back before it was gone.
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(back);
  await expect(stranger.getByText("was begun in another browser")).toBeVisible();
  await page.goto(back);
  await expect(button(page, "Account of Adele Vance")).toBeVisible();

  await page.request.post("/sign-out");
  await page.goto(back);
  await expect(page.getByText("was finished before")).toBeVisible();
  await page.goto("/account");
  await expect(page).toHaveURL(/\/sign-in/);
  await stranger.context().close();
});

test("a provider that signs with a new key is still understood", async ({ page, provider }) => {
  provider.accounts.set("adele", adele());
  await signInWithContoso(page, "adele");
  await expect(button(page, "Account of Adele Vance")).toBeVisible();
  await page.context().clearCookies();
  provider.rotateKeys();
  await signInWithContoso(page, "adele");
  await expect(button(page, "Account of Adele Vance")).toBeVisible();
});

test("whoever is called like somebody else does not become them", async ({ page, provider, administrator, server }) => {
  provider.accounts.set("mallory", { oid: "7d0c2f39-0f5e-4c61-9a55-3d1f4b1a2c33", name: "Administrator", userName: server.administrator.userName });
  await signInWithContoso(page, "mallory");
  await expect(button(page, "Account of Administrator")).toBeVisible();
  await page.goto("/configuration");
  await expect(title(page, /Configuration|Dashboard/)).toHaveCount(0);
  await administrator.goto("/configuration/people");
  await expect(administrator.getByRole("row", { name: new RegExp(`${server.administrator.userName}-2`) })).toBeVisible();
});

test("whoever is taken out of an app role or a group has lost its rights at the next sign-in", async ({ page, provider }) => {
  const account = { ...adele(), roles: ["Slipway.Administrator"] };
  provider.accounts.set("adele", account);
  await signInWithContoso(page, "adele");
  await page.goto("/configuration/environments");
  await expect(title(page, "Environments")).toBeVisible();

  provider.accounts.set("adele", { ...account, roles: [] });
  await page.context().clearCookies();
  await signInWithContoso(page, "adele");
  await expect(button(page, "Account of Adele Vance")).toBeVisible();
  const answer = await page.goto("/configuration/environments");
  expect(answer?.status()).toBeGreaterThanOrEqual(403);
});

test("somebody in more groups than fit into a token is in the teams of all of them, as long as they are", async ({ page, provider, administrator }) => {
  await administrator.goto("/configuration/teams/new");
  await field(administrator, "Name").fill("Administrators at Contoso");
  await administrator.getByRole("checkbox", { name: "Deployment Pipeline Administrator", exact: true }).check();
  await field(administrator, "Identity provider of its members").fill("contoso");
  await field(administrator, "Group ID at the provider").fill("group-7");
  await button(administrator, "Save").click();
  await expect(title(administrator, "Administrators at Contoso")).toBeVisible();

  const account = { ...adele(), overage: true, groups: Array.from({ length: 300 }, (_, number) => `group-${number}`) };
  provider.accounts.set("adele", account);
  await signInWithContoso(page, "adele");
  await page.goto("/configuration/environments");
  await expect(title(page, "Environments")).toBeVisible();

  provider.accounts.set("adele", { ...account, groups: account.groups.filter((group) => group !== "group-7") });
  await page.context().clearCookies();
  await signInWithContoso(page, "adele");
  await expect(button(page, "Account of Adele Vance")).toBeVisible();
  const answer = await page.goto("/configuration/environments");
  expect(answer?.status()).toBeGreaterThanOrEqual(403);
});

test("an account of Slipway is connected by its person, who knows its password", async ({ page, provider, maker, server }) => {
  provider.accounts.set("adele", adele());
  await maker.goto("/account/providers");
  await password(maker, "Your password in Slipway").fill("a guess");
  await button(maker, "Connect Contoso").click();
  await expect(maker.getByText("This is not your password.")).toBeVisible();
  await password(maker, "Your password in Slipway").fill(server.maker.password);
  await button(maker, "Connect Contoso").click();
  await field(maker, "Account").fill("adele");
  await button(maker, "Continue").click();
  await expect(maker.getByText("Connected", { exact: true })).toBeVisible();
  const name = await maker.getByRole("button", { name: /^Account of/ }).getAttribute("aria-label");

  await signInWithContoso(page, "adele");
  await expect(page.getByRole("button", { name: name ?? "" })).toBeVisible();
  await maker.getByRole("button", { name: "Disconnect" }).first().click();
  await maker.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
  await expect(maker.getByText("Your account was disconnected.")).toBeVisible();
  await expect(button(maker, "Connect Contoso")).toBeVisible();
});
