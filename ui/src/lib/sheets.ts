/** What the page of a sheet decides. */
import type { Sheet } from './api';

export const COLUMNS = [1, 2, 3, 4, 6, 12];
export const ROWS = [1, 2, 3, 4, 6];
/** Intervals worth offering; any other may be typed. */
export const INTERVALS = ['auto', '1s', '10s', '1m', '5m', '1h', '1d', '1w', '1M'];

const CHART_PX_MIN = 140;
const CHART_PX_MAX = 480;
/** What stands above the charts, and around each. */
const HEAD_PX = 130;
const FRAME_PX = 110;

/** How high a chart is, so that as many lines of them as wanted fill the window. */
export function chartHeight(windowPx: number, rows: number): number {
  const each = (windowPx - HEAD_PX) / Math.max(1, rows) - FRAME_PX;
  return Math.round(Math.min(CHART_PX_MAX, Math.max(CHART_PX_MIN, each)));
}

/** A list with one element moved by a place; at the ends nothing moves. */
export function moved<T>(list: T[], from: number, by: number): T[] {
  const to = from + by;
  if (to < 0 || to >= list.length) return list;
  const next = [...list];
  [next[from], next[to]] = [next[to], next[from]];
  return next;
}

/** Whether two states of a sheet would be kept alike. */
export function alike(a: Sheet, b: Sheet): boolean {
  const kept = ({ title, description, exprs, columns, rows, interval, compatible }: Sheet) =>
    JSON.stringify([title, description, exprs, columns, rows, interval, compatible]);
  return kept(a) === kept(b);
}
