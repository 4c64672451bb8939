/** Wall clocks: what a clock on the wall of a time zone shows, without a time zone library. */

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** The zone the browser runs in. */
export const browserZone: string = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

/** Whether the browser knows a zone by this name. */
export function isZone(name: string): boolean {
  try {
    format(name);
    return true;
  } catch {
    return false;
  }
}

function format(zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, found);
  }
  return found;
}

/** Offsets change on whole quarters of an hour at most, so one answer serves a quarter. */
const QUARTER_MS = 900_000;

/** How far the zone's wall clock is ahead of UTC at an instant, in milliseconds. */
export function offsetMs(zone: string, atMs: number): number {
  if (zone === 'UTC') return 0;
  const quarterMs = Math.floor(atMs / QUARTER_MS) * QUARTER_MS;
  const key = `${zone}@${quarterMs}`;
  let found = offsets.get(key);
  if (found === undefined) {
    const part: Record<string, number> = {};
    for (const { type, value } of format(zone).formatToParts(quarterMs)) part[type] = Number(value);
    found = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - quarterMs;
    if (offsets.size > 5000) offsets.clear();
    offsets.set(key, found);
  }
  return found;
}

/** The wall clock at an instant, as a number that `Date.UTC` and `getUTC…` understand. */
export function wallMs(zone: string, atMs: number): number {
  return atMs + offsetMs(zone, atMs);
}

const DAY_MS = 86_400_000;

/**
 * The instant at which the wall clock shows this. An hour that comes twice means the first one;
 * an hour that a clock change skips means the same distance after the change.
 */
export function instantMs(zone: string, wall: number): number {
  const before = wall - offsetMs(zone, wall - DAY_MS);
  const after = wall - offsetMs(zone, wall + DAY_MS);
  for (const candidate of [Math.min(before, after), Math.max(before, after)]) {
    if (wallMs(zone, candidate) === wall) return candidate;
  }
  return before;
}

const two = (n: number) => String(n).padStart(2, '0');

/** `2026-11-21` on the wall of the zone. */
export function dayText(zone: string, atMs: number): string {
  return new Date(wallMs(zone, atMs)).toISOString().slice(0, 10);
}

/** `14:05:30` on the wall of the zone. */
export function clockText(zone: string, atMs: number, seconds = true): string {
  const wall = new Date(wallMs(zone, atMs));
  const minutes = `${two(wall.getUTCHours())}:${two(wall.getUTCMinutes())}`;
  return seconds ? `${minutes}:${two(wall.getUTCSeconds())}` : minutes;
}

/** `2026-11-21 14:05:30` on the wall of the zone. */
export function momentText(zone: string, atMs: number, seconds = true): string {
  return `${dayText(zone, atMs)} ${clockText(zone, atMs, seconds)}`;
}

/** `+01:00`, the zone's distance from UTC at an instant. */
export function offsetText(zone: string, atMs: number): string {
  const minutes = Math.round(offsetMs(zone, atMs) / 60_000);
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '−' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
