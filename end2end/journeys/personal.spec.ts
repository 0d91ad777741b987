import type { Browser, Page } from "@playwright/test";
import { giveRole, openConfiguration, openRoles, problemOf, save } from "../support/administrator";
import { deployTo, openDemoSolution, openPipelines, stageCard } from "../support/maker";
import { button, choice, field, link, row } from "../support/page";
import { expect, signIn, test } from "../support/test";

/** Has the administrator create an account with some roles, and signs its person in elsewhere. */
async function newcomer(administrator: Page, browser: Browser, name: string, roles: string[]): Promise<Page> {
  await administrator.goto("/configuration/people/new");
  await field(administrator, "Display name").fill(name);
  await field(administrator, "User name").fill(name.toLowerCase());
  for (const box of await administrator.getByRole("group", { name: "Security roles" }).getByRole("checkbox").all()) await box.uncheck();
  for (const role of roles) await administrator.getByRole("checkbox", { name: role, exact: true }).check();
  await save(administrator);
  const password = await administrator.locator(".one-time-password").innerText();
  const page = await (await browser.newContext()).newPage();
  await signIn(page, { userName: name.toLowerCase(), password });
  return page;
}

test("somebody with nothing but the default role makes a pipeline of their own and deploys through it", async ({ administrator, browser }) => {
  test.slow();
  const lee = await newcomer(administrator, browser, "Lee", ["Deployment Pipeline Default"]);
  // A pipeline of one's own gives no rights in environments.
  for (const environment of ["Contoso Dev", "Contoso Test", "Contoso Production"]) {
    await openRoles(administrator, environment);
    await giveRole(administrator, "Lee", "System Customizer");
  }
  await openDemoSolution(lee);
  const overview = lee.url();
  await openPipelines(lee);
  await expect(lee.getByText("No pipeline of yours starts from this environment")).toBeVisible();
  const pipelines = lee.url();

  await link(lee, "Create pipeline").click();
  await field(lee, "Name").fill("Mine alone");
  await field(lee, "Description").fill("From my desk");
  await expect(lee.getByLabel("Source environment")).toHaveText("Contoso Dev");
  await choice(lee, "Target environment").selectOption("Contoso Test");
  await choice(lee, "Second target environment").selectOption("Contoso Test");
  await button(lee, "Save").click();
  expect(await problemOf(choice(lee, "Second target environment"))).toContain("another environment");
  await expect(field(lee, "Name")).toHaveValue("Mine alone");
  await choice(lee, "Second target environment").selectOption("Contoso Production");
  await button(lee, "Save").click();
  await expect(lee.getByText("The pipeline was created.")).toBeVisible();
  for (const stage of ["Contoso Test", "Contoso Production"]) await expect(stageCard(lee, stage)).toBeVisible();

  await lee.goto(overview);
  await deployTo(lee, "Contoso Test");
  await lee.goto(overview);
  await deployTo(lee, "Contoso Production");

  // An administrator sees whose it is, and cannot share it either.
  await openConfiguration(administrator, "Pipelines");
  const listed = row(administrator, "Pipelines", "Mine alone");
  await expect(listed).toContainText("Personal");
  await expect(listed).toContainText("Lee");
  await listed.getByRole("link").click();
  await expect(link(administrator, "Check access")).toBeVisible();
  await expect(link(administrator, "Share")).toHaveCount(0);
  const share = `${administrator.url()}/share`;
  await administrator.goto(share);
  await expect(administrator.getByText("This is a personal pipeline. It cannot be shared.")).toBeVisible();
  await expect(administrator.getByRole("button", { name: /^(Share|Assign)/ })).toHaveCount(0);

  // Nobody else has it, and its maker cannot reach where pipelines are shared.
  const other = await newcomer(administrator, browser, "Mo", ["Deployment Pipeline Default"]);
  await other.goto(pipelines);
  await expect(other.getByText("Mine alone")).toHaveCount(0);
  await lee.goto(share);
  await expect(lee.getByText("This is a personal pipeline. It cannot be shared.")).toBeVisible();
  await expect(lee.getByRole("button", { name: /^(Share|Assign)/ })).toHaveCount(0);

  await lee.goto(pipelines);
  await link(lee, "Edit pipeline").click();
  await field(lee, "Name").fill("Shorter");
  await choice(lee, "Second target environment").selectOption({ label: "None" });
  await button(lee, "Save").click();
  await expect(lee.getByText("The pipeline was saved.")).toBeVisible();
  await expect(stageCard(lee, "Contoso Test")).toBeVisible();
  await expect(stageCard(lee, "Contoso Production")).toHaveCount(0);
  await button(lee, "Delete pipeline").click();
  await lee.getByRole("dialog", { name: "Delete pipeline Shorter?" }).getByRole("button", { name: "Delete pipeline" }).click();
  await expect(lee.getByText("The pipeline was deleted.")).toBeVisible();
  await lee.context().close();
  await other.context().close();
});

test("an administrator makes a service identity, which nobody signs in as", async ({ administrator }) => {
  await openConfiguration(administrator, "Service identities");
  await link(administrator, "New").click();
  await field(administrator, "Display name").fill("Nightly deployments");
  await field(administrator, "User name").fill("nightly");
  await save(administrator);
  await expect(administrator.getByText("The service identity was created.")).toBeVisible();
  await administrator.getByRole("checkbox", { name: "Deployment Pipeline User", exact: true }).check();
  await button(administrator, "Save & Close").click();
  const listed = row(administrator, "Service identities", "Nightly deployments");
  await expect(listed).toContainText("Deployment Pipeline User");
  await listed.getByRole("button", { name: /^Disable/ }).click();
  await administrator.getByRole("dialog", { name: /Nightly deployments/ }).getByRole("button", { name: "Disable", exact: true }).click();
  await expect(listed).toContainText("Disabled");
  await openConfiguration(administrator, "People");
  await expect(row(administrator, "People", "nightly")).toHaveCount(0);
});
