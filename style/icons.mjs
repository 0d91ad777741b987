// Writes style/assets/icons.svg: one symbol for every icon that the pages use, from Fluent System Icons. The list of
// names stands in app/src/components/icon.rs.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const icons = join(dirname(require.resolve("@fluentui/svg-icons/package.json")), "icons");
const source = readFileSync(join(folder, "../app/src/components/icon.rs"), "utf8");
const names = [...source.match(/ICONS: &\[&str\] = &\[([^\]]*)\]/)[1].matchAll(/"([a-z0-9-]+)"/g)].map((match) => match[1]);

const symbols = names.map((name) => {
  const variant = name.endsWith("-filled") ? "filled" : "regular";
  const file = join(icons, `${name.replace(/-filled$/, "").replaceAll("-", "_")}_20_${variant}.svg`);
  if (!existsSync(file)) {
    console.error(`There is no icon ${name}: ${file} is missing.`);
    process.exit(1);
  }
  const drawing = readFileSync(file, "utf8").match(/<svg[^>]*>(.*)<\/svg>/s)[1];
  return `<symbol id="${name}" viewBox="0 0 20 20">${drawing}</symbol>`;
});

mkdirSync(join(folder, "assets"), { recursive: true });
writeFileSync(join(folder, "assets/icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`);
