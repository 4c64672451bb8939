/** The data of one chart: columns on a common grid, and how frames of a live stream change them. */
import type { ExprError, ExprResult, Legend, RunAnswer, SeriesFrame, Values, YAxis } from '../lib/api';

/** The answer to one expression. Value `i` of every series belongs to `timeAt(cell, i)`. */
export interface Cell {
  error: ExprError | null;
  note: string | null;
  title: string | null;
  legend: Legend | null;
  yaxes: YAxis[];
  series: SeriesFrame[];
  startMs: number;
  stepMs: number;
  /** Every time, where steps are of unequal length. */
  timesMs: number[] | null;
  count: number;
}

/** The instant of a grid point. */
export function timeAt(cell: Cell, i: number): number {
  return cell.timesMs?.[i] ?? cell.startMs + i * cell.stepMs;
}

/** The cells of a whole answer. */
export function cellsOf(answer: RunAnswer): Cell[] {
  return answer.results.map((result) => cellOf(result, answer));
}

function cellOf(result: ExprResult, answer: RunAnswer): Cell {
  const { error, note = null, title, legend, yaxes, series } = result;
  const { start_ms: startMs, step_ms: stepMs, times_ms: timesMs = null, count } = answer;
  const shown = (series ?? []).filter((one) => !one.hide);
  return { error, note, title, legend, yaxes: yaxes ?? [], series: shown, startMs, stepMs, timesMs, count };
}

/** The cells after a frame that carries only the last grid points: overwritten by time, grown, and cut at the window's start. */
export function applyFrame(cells: Cell[], frame: RunAnswer): Cell[] {
  return frame.results.map((result, i) => {
    const fresh = cellOf(result, frame);
    const old = cells[i];
    if (!old || old.error || fresh.error || old.stepMs !== fresh.stepMs || old.timesMs || fresh.timesMs) return fresh;
    return joined(old, fresh, frame.from_ms);
  });
}

function joined(old: Cell, fresh: Cell, fromMs: number): Cell {
  const { stepMs } = fresh;
  // A point before the window stays, so that the line reaches the edge of the chart.
  const startMs = Math.max(old.startMs, old.startMs + Math.floor((fromMs - old.startMs) / stepMs) * stepMs);
  const endMs = Math.max(old.startMs + old.count * stepMs, fresh.startMs + fresh.count * stepMs);
  const count = Math.max(0, Math.round((endMs - startMs) / stepMs));
  const byLabel = new Map(fresh.series.map((series) => [series.label, series]));
  const series = old.series.map((one) => {
    const added = byLabel.get(one.label);
    byLabel.delete(one.label);
    return { ...(added ?? one), values: weave(one.values, old.startMs, added?.values, fresh.startMs, startMs, count, stepMs) };
  });
  for (const one of byLabel.values()) {
    series.push({ ...one, values: weave([], startMs, one.values, fresh.startMs, startMs, count, stepMs) });
  }
  return { ...fresh, series: series.filter((one) => one.values.some((value) => value !== null)), startMs, count };
}

function weave(
  old: Values,
  oldStartMs: number,
  added: Values | undefined,
  addedStartMs: number,
  startMs: number,
  count: number,
  stepMs: number,
): Values {
  const skip = Math.round((startMs - oldStartMs) / stepMs);
  const values = old.slice(Math.max(0, skip), Math.max(0, skip) + count);
  while (values.length < count) values.push(null);
  if (added) {
    const at = Math.round((addedStartMs - startMs) / stepMs);
    for (let i = 0; i < added.length; i += 1) {
      if (at + i >= 0 && at + i < count) values[at + i] = added[i];
    }
  }
  return values;
}

/** When the newest value of a chart was, and how far apart its values usually are; null when there is no value. */
export function freshness(cell: Cell): { lastMs: number; spacingMs: number } | null {
  let best: { lastMs: number; spacingMs: number } | null = null;
  for (const { values } of cell.series) {
    let last = values.length - 1;
    while (last >= 0 && values[last] === null) last -= 1;
    if (last < 0) continue;
    const lastMs = timeAt(cell, last);
    if (best && lastMs <= best.lastMs) continue;
    let previous = last - 1;
    while (previous >= 0 && values[previous] === null) previous -= 1;
    best = { lastMs, spacingMs: (last - Math.max(previous, 0)) * cell.stepMs };
  }
  return best;
}

/** A chart as comma-separated values: times in ISO form, one column for each series. */
export function csvOf(cell: Cell): string {
  const quote = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = [['time', ...cell.series.map((series) => quote(series.label))].join(',')];
  for (let i = 0; i < cell.count; i += 1) {
    const time = new Date(timeAt(cell, i)).toISOString();
    lines.push([time, ...cell.series.map((series) => series.values[i] ?? '')].join(','));
  }
  return `${lines.join('\n')}\n`;
}

/** A chart as JSON: each series with its times in seconds and its values, without those that are not there. */
export function jsonOf(cell: Cell): string {
  const lines = cell.series.map((series) => {
    const points = series.values.flatMap((value, i) => (value === null ? [] : [[timeAt(cell, i) / 1000, value]]));
    return `  {"label": ${JSON.stringify(series.label)}, "points": ${JSON.stringify(points)}}`;
  });
  return `[\n${lines.join(',\n')}\n]\n`;
}

/** The least, greatest, mean and newest value of a series; null where it has none. */
export function summary(values: Values): { last: number | null; min: number | null; max: number | null; avg: number | null } {
  let last: number | null = null;
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let n = 0;
  for (const value of values) {
    if (value === null) continue;
    last = value;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    n += 1;
  }
  return n ? { last, min, max, avg: sum / n } : { last: null, min: null, max: null, avg: null };
}
