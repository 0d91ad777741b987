// Writes style/_tokens.scss: the Fluent 2 design tokens that the style sheets use, as CSS custom properties with a
// light and a dark value. Pages of makers have the purple brand, the configuration area the blue one.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { createDarkTheme, createLightTheme, webDarkTheme, webLightTheme } = require("@fluentui/tokens");
const folder = dirname(fileURLToPath(import.meta.url));

// The sixteen shades around the purple of Power Apps, #742774. 100 and above are read on dark, so they are light enough.
const purple = {
  10: "#1a081a", 20: "#2b0f2b", 30: "#3d153d", 40: "#4c1a4c", 50: "#581e58", 60: "#622162", 70: "#682368", 80: "#742774",
  90: "#8f4a8f", 100: "#c586c5", 110: "#cd96cd", 120: "#d6abd6", 130: "#dfbddf", 140: "#e9d0e9", 150: "#f1e2f1", 160: "#f9f2f9",
};
const maker = { light: createLightTheme(purple), dark: createDarkTheme(purple) };
const configuration = { light: webLightTheme, dark: webDarkTheme };

const sheets = readdirSync(folder).filter((name) => name.endsWith(".scss") && name !== "_tokens.scss");
const text = sheets.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
const used = [...new Set([...text.matchAll(/var\(--([a-zA-Z0-9]+)/g)].map((match) => match[1]))].sort();
const own = new Set([...text.matchAll(/--([a-zA-Z0-9]+):/g)].map((match) => match[1]));

const unknown = used.filter((name) => !(name in webLightTheme) && !own.has(name));
if (unknown.length > 0) {
  console.error(`Not among the tokens of Fluent: ${unknown.join(", ")}`);
  process.exit(1);
}

const value = (theme, name) =>
  theme.light[name] === theme.dark[name] ? theme.light[name] : `light-dark(${theme.light[name]}, ${theme.dark[name]})`;
const tokens = used.filter((name) => name in webLightTheme);
const rule = (selector, theme, names) =>
  `${selector} {\n${names.map((name) => `  --${name}: ${value(theme, name)};\n`).join("")}}\n`;
const different = tokens.filter((name) => value(maker, name) !== value(configuration, name));

writeFileSync(
  join(folder, "_tokens.scss"),
  `// Made by tokens.mjs.\n${rule(":root", maker, tokens)}${rule(".configuration", configuration, different)}`,
);
