import { defineConfig } from "@playwright/test";
import tests from "../end2end/playwright.config";

/** The benchmark drives the shipped program with the tools of the browser tests, one measurement at a time. */
export default defineConfig({
  testDir: ".",
  testMatch: "*.bench.ts",
  outputDir: "../target/bench",
  workers: 1,
  timeout: 600_000,
  reporter: [["list", { printSteps: false }]],
  use: { ...tests.use, trace: "off", screenshot: "off" },
});
