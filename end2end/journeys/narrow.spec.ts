import { begin, deploy, openDemoSolution, walk } from "../support/maker";
import { everyPage } from "../support/site";
import { expect, test } from "../support/test";

test("every page fits a narrow screen, and a deployment works on it", async ({ maker, administrator }) => {
  test.setTimeout(300_000);
  await openDemoSolution(maker);
  await begin(maker, "Test");
  const waiting = maker.url();
  const pages = (await everyPage(maker, ["/", waiting])).map((address) => ({ page: maker, address }));
  pages.push(...(await everyPage(administrator, ["/configuration"])).map((address) => ({ page: administrator, address })));

  const tooWide: string[] = [];
  for (const { page, address } of pages) {
    await page.goto(address);
    const path = new URL(address).pathname;
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (overflow > 0) tooWide.push(`${path} by ${overflow} px`);
    await test.info().attach(path, { body: await page.screenshot({ fullPage: true }), contentType: "image/png" });
  }
  expect(tooWide).toEqual([]);

  await maker.goto(waiting);
  await walk(maker);
  await deploy(maker);
});
