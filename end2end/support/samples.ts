import { existsSync } from "node:fs";
import { join } from "node:path";
import { project } from "./server";

const folder = join(project, "../shared/samples/solutions");

/** A public solution package, read where it lies; undefined where these packages are absent. */
export function sample(name: string): string | undefined {
  const path = join(folder, name);
  return existsSync(path) ? path : undefined;
}
