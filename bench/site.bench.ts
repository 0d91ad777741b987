import type { Browser } from "@playwright/test";
import autocannon from "autocannon";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { deployTo, openDemoSolution } from "../end2end/support/maker";
import { type Account, type Server, program, project, start } from "../end2end/support/server";
import { expect, signIn, test } from "../end2end/support/test";
import { lengthen } from "./history";
import { type Figure, median, table } from "./report";

const RUNS = 10_000;
const STARTS = 7;
const SECONDS = 10;

test("Slipway keeps to the budgets of its design", async ({ server: first, browser, maker }) => {
  const figures: Figure[] = [...sizes()];

  await openDemoSolution(maker);
  await deployTo(maker, "Test");
  await first.stop({ keepData: true });
  expect(lengthen(join(first.data, "slipway.sqlite"), RUNS)).toBe(RUNS);
  const accounts = { administrator: first.administrator, maker: first.maker };

  figures.push({ what: "cold start to first page, existing database", measured: await coldStart(first.data, accounts), unit: "ms", atMost: 150 });

  const server = await start({ data: first.data, accounts });
  try {
    const context = await browser.newContext({ baseURL: server.address });
    const page = await context.newPage();
    await signIn(page, server.administrator);
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");

    const history = `${server.address}/configuration/run-history`;
    await page.goto(history);
    await expect(page.getByRole("table").first()).toBeVisible();
    figures.push(...(await underLoad(history, cookie, "run history page of 50 runs, 10,000 in the history")));
    await page.goto("/");
    figures.push(...(await firstPage(browser, server.address, cookie)));

    // Idle means that nobody has asked for anything since the load; five seconds later, as a person would look.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    figures.push({ what: "memory after the load, idle", measured: residentMegabytes(server), unit: "MB" });
  } finally {
    await server.stop({ keepData: true });
  }

  const idle = await start({ data: first.data, accounts });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  figures.push({ what: "idle memory after start", measured: residentMegabytes(idle), unit: "MB", atMost: 40 });
  await idle.stop();

  console.log(`\n${table(figures)}\n`);
});

/** What the browser's half of the code weighs. */
function sizes(): Figure[] {
  const folder = join(project, "target/site/pkg");
  const weigh = (ends: string) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(ends))
      .reduce((bytes, name) => bytes + statSync(join(folder, name)).size, 0) / 1000;
  return [
    { what: "WebAssembly, raw", measured: weigh(".wasm"), unit: "kB", atMost: 700 },
    { what: "WebAssembly, brotli", measured: weigh(".wasm.br"), unit: "kB", atMost: 220 },
    { what: "program", measured: statSync(program).size / 1e6, unit: "MB" },
  ];
}

/** Time from the start of the process until its first page has been answered. */
async function coldStart(data: string, accounts: { administrator: Account; maker: Account }): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const began = performance.now();
    const server = await start({ data, accounts });
    const answer = await fetch(`${server.address}/sign-in`);
    await answer.text();
    times.push(performance.now() - began);
    expect(answer.status).toBe(200);
    await server.stop({ keepData: true });
  }
  return median(times);
}

/** A page as fast as two connections can ask for it, and at a steady 200 requests a second. */
async function underLoad(url: string, cookie: string, what: string): Promise<Figure[]> {
  const options = { url, headers: { cookie }, connections: 2, duration: SECONDS };
  const fast = await autocannon(options);
  const steady = await autocannon({ ...options, overallRate: 200 });
  for (const result of [fast, steady]) expect([result.errors, result.timeouts, result.non2xx]).toEqual([0, 0, 0]);
  return [
    { what: `${what}, 2 connections`, measured: fast.requests.average, unit: "req/s" },
    { what: `${what}, 2 connections, p99`, measured: fast.latency.p99, unit: "ms" },
    { what: `${what}, 200 req/s, p99`, measured: steady.latency.p99, unit: "ms", atMost: 25 },
  ];
}

/** What the first page of a signed-in person costs on the wire, and when something of it is seen. */
async function firstPage(browser: Browser, address: string, cookie: string): Promise<Figure[]> {
  const paints: number[] = [];
  let bytes = 0;
  for (let i = 0; i < STARTS; i++) {
    const context = await browser.newContext({ extraHTTPHeaders: { cookie } });
    const page = await context.newPage();
    const client = await context.newCDPSession(page);
    await client.send("Network.enable");
    bytes = 0;
    client.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
    await page.goto(address, { waitUntil: "networkidle" });
    paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN));
    await context.close();
  }
  return [
    { what: "first page over the wire", measured: bytes / 1000, unit: "kB", atMost: 300 },
    { what: "first contentful paint", measured: median(paints), unit: "ms", atMost: 100 },
  ];
}

/** The resident memory of a server. */
function residentMegabytes(server: Server): number {
  const status = readFileSync(`/proc/${server.process.pid}/status`, "utf8");
  return Number(status.match(/^VmRSS:\s+(\d+) kB$/m)?.[1]) / 1000;
}
