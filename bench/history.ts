import { execFileSync } from "node:child_process";

/** How far apart copies of a run lie, in the unit in which the database keeps times. */
const APART = 60_000_000;

/** Columns that tell one run from another, as SQL over the copied row `run` and the number of the copy `n`. */
const changed: Record<string, Record<string, string>> = {
  stage_run: { id: "copy.new_id", requested: `requested - n * ${APART}`, ended: `ended - n * ${APART}` },
  stage_run_step: { run_id: "copy.new_id", started: `started - n * ${APART}`, ended: `ended - n * ${APART}` },
  stage_run_event: { run_id: "copy.new_id", at: `at - n * ${APART}` },
};

/**
 * Lengthens the history of a stopped Slipway to a number of runs: the finished runs that it has, with their steps and
 * logs, are copied further and further into the past. Returns how many there are then.
 */
export function lengthen(database: string, runs: number): number {
  const sqlite = (sql: string) => execFileSync("sqlite3", ["-bail", database], { input: sql, encoding: "utf8" }).trim();
  const originals = Number(sqlite("SELECT count(*) FROM stage_run WHERE ended IS NOT NULL"));
  if (originals === 0) throw new Error("there is no finished run to copy");
  const rounds = Math.ceil(runs / originals);
  const copies = Object.entries(changed).map(([table, change]) => {
    const columns = sqlite(`SELECT name FROM pragma_table_info('${table}')`).split("\n");
    const key = table === "stage_run" ? "id" : "run_id";
    const values = columns.map((column) => change[column] ?? `"${table}"."${column}"`);
    return `INSERT INTO "${table}" (${columns.map((column) => `"${column}"`).join(", ")})
      SELECT ${values.join(", ")} FROM copy JOIN "${table}" ON "${table}"."${key}" = copy.old_id;`;
  });
  sqlite(`
    PRAGMA foreign_keys = ON;
    BEGIN;
    CREATE TEMP TABLE copy AS
      WITH RECURSIVE round(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM round WHERE n < ${rounds})
      SELECT id AS old_id, randomblob(16) AS new_id, n FROM round JOIN stage_run ON ended IS NOT NULL
      LIMIT ${Math.max(0, runs - originals)};
    ${copies.join("\n")}
    COMMIT;
    ANALYZE;
  `);
  return Number(sqlite("SELECT count(*) FROM stage_run"));
}
