/** Where ticks stand and what they say: values by the steps of their unit, times by the wall clock of the zone. */
import type { Unit } from '../lib/units';
import { clockText, dayText, instantMs, wallMs } from '../lib/zone';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const DURATIONS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** The smallest step a person would choose that is not below `least`: 1, 2, 5 by tens, powers of two for bytes, clock steps for seconds. */
export function valueStep(least: number, unit: Unit): number {
  if (!(least > 0)) return 1;
  if (unit.kind === 'bytes' && least > 1) {
    return 2 ** Math.ceil(Math.log2(least) - 1e-9);
  }
  if (unit.kind === 'seconds' && unit.factor === 1 && least > 1) {
    const found = DURATIONS.find((step) => step >= least);
    if (found) return found;
  }
  const magnitude = 10 ** Math.floor(Math.log10(least) + 1e-9);
  for (const factor of [1, 2, 5]) if (magnitude * factor >= least * (1 - 1e-9)) return magnitude * factor;
  return magnitude * 10;
}

/** What a value axis shows. */
export interface ValueAxis {
  min: number;
  max: number;
  step: number;
  ticks: number[];
}

/** An axis around values: its ends on ticks, zero among them when it is near, unless an end is fixed. */
export function valueAxis(
  low: number | null,
  high: number | null,
  unit: Unit,
  ticksMax: number,
  fixed: { min?: number | null; max?: number | null } = {},
): ValueAxis {
  let min = fixed.min ?? (low === null || !Number.isFinite(low) ? 0 : low);
  let max = fixed.max ?? (high === null || !Number.isFinite(high) ? Math.max(1, min) : high);
  if (fixed.min == null && min > 0 && min < max * 0.8) min = 0;
  if (fixed.max == null && max < 0 && max > min * 0.8) max = 0;
  if (max <= min) {
    if (min === 0) max = unit.kind === 'ratio' ? 0.01 : unit.kind === 'bytes' ? 1024 : 1;
    else [min, max] = min > 0 ? [fixed.min ?? 0, min * 1.25] : [min * 1.25, fixed.max ?? 0];
    if (max <= min) max = min + 1;
  }
  const step = valueStep((max - min) / Math.max(1, ticksMax), unit);
  const snappedMin = fixed.min ?? Math.floor(min / step + 1e-9) * step;
  const snappedMax = fixed.max ?? Math.ceil(max / step - 1e-9) * step;
  const ticks: number[] = [];
  for (let i = Math.ceil(snappedMin / step - 1e-9); i * step <= snappedMax + step * 1e-9; i += 1) ticks.push(i * step);
  return { min: snappedMin, max: snappedMax, step, ticks };
}

const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14].map((n) => n * DAY),
];

/** The instants of a time axis, on round times of the zone's wall clock, at least `leastMs` apart. */
export function timeTicks(fromMs: number, toMs: number, leastMs: number, zone: string): { ticks: number[]; stepMs: number } {
  const stepMs = TIME_STEPS.find((step) => step >= leastMs);
  if (stepMs === undefined) return monthTicks(fromMs, toMs, leastMs, zone);
  const ticks: number[] = [];
  // Weeks begin on Monday; the epoch was a Thursday.
  const phase = stepMs >= 7 * DAY ? 4 * DAY : 0;
  const first = Math.ceil((wallMs(zone, fromMs) - phase) / stepMs) * stepMs + phase;
  for (let wall = first; ticks.length < 1000; wall += stepMs) {
    const at = instantMs(zone, wall);
    if (at > toMs) break;
    if (at >= fromMs && at !== ticks.at(-1)) ticks.push(at);
  }
  return { ticks, stepMs };
}

function monthTicks(fromMs: number, toMs: number, leastMs: number, zone: string): { ticks: number[]; stepMs: number } {
  const months = [1, 3, 6, 12, 24, 60, 120].find((n) => n * 30 * DAY >= leastMs) ?? 240;
  const start = new Date(wallMs(zone, fromMs));
  const index = start.getUTCFullYear() * 12 + start.getUTCMonth();
  const ticks: number[] = [];
  for (let i = Math.ceil(index / months) * months; ticks.length < 1000; i += months) {
    const at = instantMs(zone, Date.UTC(Math.floor(i / 12), i % 12, 1));
    if (at > toMs) break;
    if (at >= fromMs) ticks.push(at);
  }
  return { ticks, stepMs: months * 30 * DAY };
}

/** What a time tick says: the ISO day at midnight, else the 24-hour clock. */
export function timeLabel(atMs: number, stepMs: number, zone: string): string {
  const wall = wallMs(zone, atMs);
  if (stepMs >= 28 * DAY) return dayText(zone, atMs).slice(0, 7);
  if (stepMs >= DAY || wall % DAY === 0) return dayText(zone, atMs);
  return clockText(zone, atMs, stepMs < MINUTE);
}
