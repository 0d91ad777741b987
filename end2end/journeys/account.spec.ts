import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createBuiltInEnvironment } from "../support/administrator";
import { button, field, password, row, title } from "../support/page";
import { expect, signIn, test } from "../support/test";

test("a session is seen from another browser and ended from there", async ({ browser, server, maker }) => {
  const elsewhere = await (await browser.newContext({ userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" })).newPage();
  await signIn(elsewhere, server.maker);

  await maker.goto("/account/sessions");
  await expect(row(maker, "Sessions", "This one")).toHaveCount(1);
  const other = row(maker, "Sessions", "Firefox on Linux");
  await expect(other).toContainText("127.0.0.1");
  await other.getByRole("button", { name: /^End/ }).click();
  await maker.getByRole("dialog", { name: /Firefox on Linux/ }).getByRole("button", { name: "End", exact: true }).click();
  await expect(maker.getByText("The session was ended.")).toBeVisible();
  await expect(other).toHaveCount(0);

  await elsewhere.goto("/account");
  await expect(elsewhere).toHaveURL(/\/sign-in/);
  await elsewhere.context().close();
});

test("signing out everywhere ends every session, this one included", async ({ browser, server, maker }) => {
  const elsewhere = await (await browser.newContext()).newPage();
  await signIn(elsewhere, server.maker);
  await maker.goto("/account/sessions");
  await button(maker, "Sign out").click();
  await maker.getByRole("dialog", { name: "Sign out everywhere?" }).getByRole("button", { name: "Sign out" }).click();
  await expect(title(maker, /Sign in/)).toBeVisible();
  for (const page of [maker, elsewhere]) {
    await page.goto("/account");
    await expect(page).toHaveURL(/\/sign-in/);
  }
  await elsewhere.context().close();
});

test("a token is shown once, is used over HTTP, and is refused once it is revoked", async ({ server, administrator, request }) => {
  await createBuiltInEnvironment(administrator, "Built by a person");
  await administrator.goto("/account/tokens");
  await field(administrator, "Name").fill("Nightly build");
  await password(administrator, "Your password in Slipway").fill("not this one");
  await button(administrator, "Create token").click();
  await expect(administrator.getByText("This is not your password.")).toBeVisible();
  await expect(field(administrator, "Name")).toHaveValue("Nightly build");
  await password(administrator, "Your password in Slipway").fill(server.administrator.password);
  await button(administrator, "Create token").click();
  const shown = administrator.getByRole("alert").getByText(/^slipway_[0-9a-f]{64}$/);
  const token = await shown.innerText();
  await administrator.reload();
  await expect(administrator.getByText(token)).toHaveCount(0);
  const listed = row(administrator, "API tokens", "Nightly build");
  await expect(listed).toContainText(token.slice(0, 16));
  await expect(listed).toContainText("Never");

  const ask = (authorization: string) => request.get("/configuration/built-in-environments", { headers: { authorization, accept: "text/html" }, maxRedirects: 0 });
  const answer = await ask(`Bearer ${token}`);
  expect(answer.status()).toBe(200);
  expect(await answer.text()).toContain("Built by a person");
  expect(answer.headers()["set-cookie"]).toBeUndefined();
  const wrong = await ask(`Bearer ${token.slice(0, -1)}x`);
  expect(wrong.status()).toBe(401);
  expect(wrong.headers()["content-type"]).toBe("application/problem+json");

  await administrator.reload();
  await expect(listed).toContainText("127.0.0.1");
  await listed.getByRole("button", { name: /^Revoke/ }).click();
  await administrator.getByRole("dialog", { name: /Nightly build/ }).getByRole("button", { name: "Revoke", exact: true }).click();
  await expect(administrator.getByText("The token was revoked.")).toBeVisible();
  expect((await ask(`Bearer ${token}`)).status()).toBe(401);

  // Neither the token nor a password nor a session is anywhere in the data folder or in the log.
  const session = (await administrator.context().cookies()).find(({ name }) => name === "slipway")?.value ?? "";
  expect(session.length).toBeGreaterThan(10);
  const secrets = [token, token.slice("slipway_".length), server.administrator.password, session];
  await server.stop({ keepData: true });
  const kept = [Buffer.from(server.output())];
  for (const file of await readdir(server.data, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) kept.push(await readFile(join(file.parentPath, file.name)));
  }
  for (const secret of secrets) expect(kept.some((bytes) => bytes.includes(secret))).toBe(false);
  // One-time passwords of a first start are told to whoever started it, and kept nowhere.
  const oneTime = [...server.output().matchAll(/password (\S+)/g)].map(([, secret]) => secret ?? "");
  expect(oneTime.length).toBeGreaterThan(1);
  for (const secret of oneTime) expect(kept.slice(1).some((bytes) => bytes.includes(secret))).toBe(false);
});

test("whoever knows nothing but the name cannot keep its person out of a browser they use", async ({ browser, server, maker }) => {
  const stranger = await (await browser.newContext()).newPage();
  const attempt = async () => {
    await stranger.goto("/sign-in");
    await field(stranger, "Name").fill(server.maker.userName);
    await password(stranger, "Password").fill("a guess");
    await stranger.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(stranger.getByText(/not right/)).toBeVisible();
  };
  for (let guesses = 0; guesses < 6; guesses++) await attempt();
  // The name waits for strangers, even with the right password …
  await password(stranger, "Password").fill(server.maker.password);
  await stranger.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(stranger.getByText(/not right/)).toBeVisible();
  // … and not for a browser in which its person signed in before.
  await maker.request.post("/sign-out");
  await signIn(maker, server.maker);
  await maker.goto("/account");
  await expect(title(maker, "Change password")).toBeVisible();
  await stranger.context().close();
});
