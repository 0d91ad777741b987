import { defineConfig } from "@playwright/test";
import { existsSync } from "node:fs";

/** Debian's browser, first without the parts that only people see; another one is named with SLIPWAY_TEST_CHROMIUM. */
const chromium =
  process.env.SLIPWAY_TEST_CHROMIUM ??
  ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));

export default defineConfig({
  testDir: "journeys",
  outputDir: "test-results/files",
  fullyParallel: true,
  forbidOnly: true,
  workers: 2,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: [["list"], ["json", { outputFile: "test-results/results.json" }]],
  use: {
    browserName: "chromium",
    launchOptions: {
      executablePath: chromium,
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    },
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    timezoneId: "Europe/Paris",
    contextOptions: { reducedMotion: "reduce" },
    actionTimeout: 10_000,
    navigationTimeout: 15_000,
    // A trace of every test takes a fifth of the time: `npx playwright test --trace on` makes one where it is wanted.
    trace: "off",
    screenshot: "only-on-failure",
  },
  projects: [
    { name: "scripting", testIgnore: ["narrow.spec.ts", "picture.spec.ts"] },
    { name: "no-scripting", testMatch: ["account.spec.ts", "configure.spec.ts", "dataverse.spec.ts", "deploy.spec.ts", "personal.spec.ts", "provider.spec.ts", "schedule.spec.ts", "settings.spec.ts", "webhook.spec.ts", "wizard.spec.ts"], use: { javaScriptEnabled: false } },
    { name: "narrow", testMatch: "narrow.spec.ts", use: { viewport: { width: 390, height: 844 } } },
    // Pictures for the README change only when somebody asks for them: `make pictures`.
    ...(process.env.SLIPWAY_PICTURES ? [{ name: "pictures", testMatch: "picture.spec.ts" }] : []),
  ],
});
