// Prints one line with the tests of the last run: those of nextest and those of Playwright together.
import { readFileSync } from "node:fs";

const root = new URL("..", import.meta.url);
const read = (path) => {
  try {
    return readFileSync(new URL(path, root), "utf8");
  } catch {
    return undefined;
  }
};

let passed = 0;
let failed = 0;
let skipped = 0;

const junit = read("target/nextest/all/junit.xml")?.match(/<testsuites [^>]*>/)?.[0];
if (junit) {
  const count = (name) => Number(junit.match(new RegExp(` ${name}="(\\d+)"`))?.[1] ?? 0);
  const broken = count("failures") + count("errors");
  passed += count("tests") - broken;
  failed += broken;
}

const browser = read("end2end/test-results/results.json");
if (browser) {
  const { stats } = JSON.parse(browser);
  passed += stats.expected + stats.flaky;
  failed += stats.unexpected;
  skipped += stats.skipped;
}

console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
