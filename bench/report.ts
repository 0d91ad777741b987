/** One measured figure beside its budget. */
export interface Figure {
  what: string;
  measured: number;
  unit: string;
  /** The budget of the design: at most, or at least, so much. None for figures that are only worth knowing. */
  atMost?: number;
  atLeast?: number;
}

/** The figures as a table; those over their budget are marked. */
export function table(figures: Figure[]): string {
  const rows = figures.map(({ what, measured, unit, atMost, atLeast }) => [
    what,
    `${round(measured)} ${unit}`,
    atMost !== undefined ? `≤ ${round(atMost)}` : atLeast !== undefined ? `≥ ${round(atLeast)}` : "",
    atMost === undefined && atLeast === undefined
      ? ""
      : measured <= (atMost ?? Infinity) && measured >= (atLeast ?? -Infinity)
        ? "within budget"
        : "OVER BUDGET",
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(([what, measured, budget, verdict]) =>
      `${what!.padEnd(widths[0]!)}  ${measured!.padStart(widths[1]!)}  ${budget!.padStart(widths[2]!)}  ${verdict}`.trimEnd(),
    )
    .join("\n");
}

/** Three digits say enough. */
function round(value: number): string {
  return value >= 100 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString();
}

/** The middle of some values. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
