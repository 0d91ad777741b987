import type { Page } from "@playwright/test";
import { begin, deploy, openDemoSolution, walk } from "../support/maker";
import { everyPage } from "../support/site";
import { expect, test } from "../support/test";

/** What does not fit the screen: a page that is to be pushed sideways, and sentences squeezed into a few letters a line. */
async function misfits(page: Page): Promise<string[]> {
  const path = new URL(page.url()).pathname;
  await test.info().attach(path, { body: await page.screenshot({ fullPage: true }), contentType: "image/png" });
  const found = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const tooWide = scrollWidth > clientWidth ? [`is ${scrollWidth - clientWidth} px too wide`] : [];
    const texts = [...document.querySelectorAll<HTMLElement>("main :is(p, dd, dt, li, h1, h2, h3, label, strong)")];
    const squeezed = texts.filter((element) => {
      const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent);
      const { width, height } = element.getBoundingClientRect();
      return own.join("").trim().length >= 20 && height > 0 && width > 1 && width < 90;
    });
    return [...tooWide, ...squeezed.map((element) => `squeezes “${element.innerText}”`)];
  });
  return found.map((misfit) => `${path} ${misfit}`);
}

test("every page fits a narrow screen, and a deployment works on it", async ({ maker, administrator }) => {
  test.setTimeout(300_000);
  await openDemoSolution(maker);
  await begin(maker, "Test");
  const waiting = maker.url();
  const found: string[] = [];
  await everyPage(maker, ["/", waiting], async () => void found.push(...(await misfits(maker))));
  await everyPage(administrator, ["/configuration"], async () => void found.push(...(await misfits(administrator))));
  expect(found).toEqual([]);

  await maker.goto(waiting);
  await walk(maker);
  await deploy(maker);
  expect(await misfits(maker)).toEqual([]);
});
