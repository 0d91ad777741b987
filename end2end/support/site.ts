import type { Page } from "@playwright/test";

/** More pages than Slipway has; a crawl that finds more has lost its way. */
const MOST_PAGES = 150;

/**
 * Opens one page of every kind that can be reached by links from some beginnings, looks at each where it is told how,
 * and gives their addresses: ids do not make a kind, nor do queries, except for a chosen tab or view.
 */
export async function everyPage(page: Page, from: string[], look?: () => Promise<void>): Promise<string[]> {
  const origin = new URL(page.url()).origin;
  const found = new Map<string, string>();
  const open = [...from];
  for (let address = open.shift(); address !== undefined; address = open.shift()) {
    const url = new URL(address, origin);
    if (url.origin !== origin || found.has(kind(url)) || /^\/(artifacts|audit|comparison|delivery|deployment-settings|events|pkg)\//.test(url.pathname)) continue;
    if (found.size >= MOST_PAGES) throw new Error(`more than ${MOST_PAGES} pages: ${[...found.keys()].join(" ")}`);
    if (!(await isPage(page, url.href))) continue;
    found.set(kind(url), page.url());
    // Where a redirect leads is a kind of page, too, and may be known.
    const led = kind(new URL(page.url()));
    if (led !== kind(url) && found.has(led)) continue;
    found.set(led, page.url());
    open.push(...(await page.locator("a[href]").evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href))));
    await look?.();
  }
  return [...new Set(found.values())];
}

/** Goes to an address, unless it is one to download from. */
async function isPage(page: Page, address: string): Promise<boolean> {
  try {
    await page.goto(address);
    return true;
  } catch (error) {
    if (String(error).includes("Download is starting")) return false;
    throw error;
  }
}

function kind(url: URL): string {
  const path = url.pathname.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "{id}").replace(/\/solutions\/(?!new$|import$)[^/]+/, "/solutions/{solution}");
  const shown = ["tab", "view"].map((name) => url.searchParams.get(name)).filter(Boolean);
  return [path, ...shown].join("?");
}
