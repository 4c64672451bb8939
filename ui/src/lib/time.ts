/**
 * The time grammar. tests/time-vectors.json is the law; the server reads the same texts the same way.
 *
 *     moment = base ops | ops                      ops without a base count from now: "-30min"
 *     base   = now | today | yesterday | tomorrow | monday … sunday
 *            | 2026-11-21[( |T)14:00[:30[.250]][Z|+01:00]] | 14:00_20261121 | 20261121 | 14:00[:30] | epoch seconds or milliseconds
 *     ops    = { (+|-) N unit | / unit }           units: ms s m min h d w M mon Q y and their long forms
 *
 * Days and longer units follow the calendar of the zone, shorter ones are fixed. A `/unit` that ends the text
 * rounds down at the start of a range and up at its end, so that "now/d" to "now/d" is the whole of today.
 */
import { t } from './t';
import { instantMs, wallMs } from './zone';

/** What "now" is and in which zone days begin. */
export interface TimeContext {
  nowMs: number;
  zone: string;
}

/** Which end of a range a moment is. */
export type Edge = 'start' | 'end';

/** Two moments as written; `from` is inside the range, `to` is not. */
export interface RangeText {
  from: string;
  to: string;
}

/** A text that is no time, with the reason. */
export class TimeError extends Error {}

type Unit = 'ms' | 's' | 'm' | 'h' | 'd' | 'w' | 'M' | 'Q' | 'y';

const FIXED_MS: Partial<Record<Unit, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS_IN: Partial<Record<Unit, number>> = { M: 1, Q: 3, y: 12 };

const UNIT_NAMES: Record<string, Unit> = {};
for (const [unit, names] of Object.entries({
  ms: 'ms millisecond milliseconds',
  s: 's sec secs second seconds',
  m: 'm min mins minute minutes',
  h: 'h hr hrs hour hours',
  d: 'd day days',
  w: 'w week weeks',
  M: 'M mo mon mons month months',
  Q: 'Q quarter quarters',
  y: 'y yr yrs year years',
})) {
  for (const name of names.split(' ')) UNIT_NAMES[name] = unit as Unit;
}

function unitOf(name: string): Unit {
  const unit = UNIT_NAMES[name] ?? UNIT_NAMES[name.toLowerCase()];
  if (!unit) throw new TimeError(t('time.unit', { text: name }));
  return unit;
}

/** The instant a moment means, in milliseconds. Throws `TimeError`. */
export function parseMoment(text: string, context: TimeContext, edge: Edge = 'start'): number {
  const trimmed = text.trim();
  if (!trimmed) throw new TimeError(t('time.missing'));
  const { atMs, rest } = readBase(trimmed, context);
  return applyOps(atMs, rest, trimmed, context.zone, edge);
}

function readBase(text: string, { nowMs, zone }: TimeContext): { atMs: number; rest: string } {
  const today = () => floorTo(nowMs, 'd', zone);
  let match: RegExpMatchArray | null;
  if (/^[+\-/]/.test(text)) return { atMs: nowMs, rest: text };
  if ((match = text.match(/^(now|today|yesterday|tomorrow)\b/i))) {
    const word = match[1].toLowerCase();
    const shift = word === 'yesterday' ? -1 : word === 'tomorrow' ? 1 : 0;
    return { atMs: word === 'now' ? nowMs : add(today(), shift, 'd', zone), rest: text.slice(word.length) };
  }
  if ((match = text.match(/^([a-z]+)/i)) && WEEKDAYS.includes(match[1].toLowerCase())) {
    const back = (new Date(wallMs(zone, nowMs)).getUTCDay() - WEEKDAYS.indexOf(match[1].toLowerCase()) + 7) % 7;
    return { atMs: add(today(), -back, 'd', zone), rest: text.slice(match[1].length) };
  }
  if (
    (match = text.match(
      /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?)?\s*(Z|[+-]\d\d:?\d\d(?!\w))?/i,
    ))
  ) {
    const [whole, y, mo, d, h = '0', mi = '0', s = '0', ms = '0', off] = match;
    const wall = wallOf(text, +y, +mo, +d, +h, +mi, +s, +ms.padEnd(3, '0'));
    const atMs = off ? wall - offsetOf(off) : instantMs(zone, wall);
    return { atMs, rest: text.slice(whole.length) };
  }
  if ((match = text.match(/^(?:(\d\d?):(\d\d)_)?(\d{4})(\d\d)(\d\d)(?!\d)/))) {
    const [whole, h = '0', mi = '0', y, mo, d] = match;
    return { atMs: instantMs(zone, wallOf(text, +y, +mo, +d, +h, +mi)), rest: text.slice(whole.length) };
  }
  if ((match = text.match(/^(\d\d?):(\d\d)(?::(\d\d))?(?![\d_])/))) {
    const day = new Date(wallMs(zone, nowMs));
    const [whole, h, mi, s = '0'] = match;
    const wall = wallOf(text, day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate(), +h, +mi, +s);
    return { atMs: instantMs(zone, wall), rest: text.slice(whole.length) };
  }
  if ((match = text.match(/^\d{9,14}(?!\d)/))) {
    const n = Number(match[0]);
    return { atMs: match[0].length >= 12 ? n : n * 1000, rest: text.slice(match[0].length) };
  }
  throw new TimeError(t('time.none', { text }));
}

function wallOf(text: string, y: number, mo: number, d: number, h = 0, mi = 0, s = 0, ms = 0): number {
  const wall = Date.UTC(y, mo - 1, d, h, mi, s, ms);
  const day = new Date(Date.UTC(y, mo - 1, d));
  const exists = day.getUTCMonth() === mo - 1 && day.getUTCDate() === d && h < 24 && mi < 60 && s < 60;
  if (!exists) throw new TimeError(t('time.noSuchDay', { text }));
  return wall;
}

function offsetOf(text: string): number {
  if (/^z$/i.test(text)) return 0;
  const digits = text.slice(1).replace(':', '');
  const minutes = +digits.slice(0, 2) * 60 + +digits.slice(2);
  return (text[0] === '-' ? -minutes : minutes) * 60_000;
}

function applyOps(atMs: number, ops: string, whole: string, zone: string, edge: Edge): number {
  let rest = ops.trim();
  while (rest) {
    const match = rest.match(/^([+-])\s*(\d+)\s*([a-z]+)\s*|^\/\s*([a-z]+)\s*/i);
    if (!match) throw new TimeError(t('time.rest', { text: rest, whole }));
    rest = rest.slice(match[0].length);
    if (match[4]) {
      const unit = unitOf(match[4]);
      const floor = floorTo(atMs, unit, zone);
      atMs = edge === 'end' && !rest ? add(floor, 1, unit, zone) : floor;
    } else {
      atMs = add(atMs, (match[1] === '-' ? -1 : 1) * Number(match[2]), unitOf(match[3]), zone);
    }
    if (!(Math.abs(atMs) <= 8.64e15)) throw new TimeError(t('time.far', { text: whole }));
  }
  return atMs;
}

function add(atMs: number, n: number, unit: Unit, zone: string): number {
  const fixed = FIXED_MS[unit];
  if (fixed) return atMs + n * fixed;
  const wall = new Date(wallMs(zone, atMs));
  const months = MONTHS_IN[unit];
  if (months) {
    const day = wall.getUTCDate();
    wall.setUTCDate(1);
    wall.setUTCMonth(wall.getUTCMonth() + n * months);
    const last = new Date(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + 1, 0)).getUTCDate();
    wall.setUTCDate(Math.min(day, last));
  } else {
    wall.setUTCDate(wall.getUTCDate() + n * (unit === 'w' ? 7 : 1));
  }
  return instantMs(zone, wall.getTime());
}

function floorTo(atMs: number, unit: Unit, zone: string): number {
  const wall = wallMs(zone, atMs);
  const fixed = FIXED_MS[unit];
  if (fixed) return atMs - (((wall % fixed) + fixed) % fixed);
  const date = new Date(wall);
  const y = date.getUTCFullYear();
  const mo = date.getUTCMonth();
  const d = date.getUTCDate();
  if (unit === 'y') return instantMs(zone, Date.UTC(y, 0, 1));
  if (unit === 'Q') return instantMs(zone, Date.UTC(y, mo - (mo % 3), 1));
  if (unit === 'M') return instantMs(zone, Date.UTC(y, mo, 1));
  const sinceMonday = unit === 'w' ? (date.getUTCDay() + 6) % 7 : 0;
  return instantMs(zone, Date.UTC(y, mo, d - sinceMonday));
}

/**
 * The range a person typed into one box: "last 3 days", "6h", "yesterday", "2026-11-21", "this week",
 * "10:00 to 11:30", "2026-11-01 .. 2026-11-07", or a single moment, which means from then until now.
 */
export function parseRange(text: string, context: TimeContext): RangeText {
  const typed = text.trim().replace(/\s+/g, ' ');
  const range = readRange(typed);
  if (parseMoment(range.from, context, 'start') >= parseMoment(range.to, context, 'end')) {
    throw new TimeError(t('time.backwards', { text: typed }));
  }
  return range;
}

function readRange(typed: string): RangeText {
  let match: RegExpMatchArray | null;
  if ((match = typed.match(/^(.+?)(?: to | until | - | – |\s*\.\.\s*|\s*…\s*)(.+)$/i))) return { from: match[1], to: match[2] };
  if ((match = typed.match(/^(?:(?:the )?(?:last|past) )?(\d+) ?([a-z]+)$/i))) {
    return { from: `now-${match[1]}${unitOf(match[2])}`, to: 'now' };
  }
  if ((match = typed.match(/^(this|last) (day|week|month|quarter|year)$/i))) {
    const unit = unitOf(match[2]);
    return match[1].toLowerCase() === 'this'
      ? { from: `now/${unit}`, to: 'now' }
      : { from: `now-1${unit}/${unit}`, to: `now-1${unit}/${unit}` };
  }
  if (/^today$/i.test(typed)) return { from: 'today', to: 'now' };
  if (/^yesterday$/i.test(typed) || WEEKDAYS.includes(typed.toLowerCase())) return { from: typed, to: `${typed}+1d` };
  if (/^\d{4}-\d\d-\d\d$/.test(typed)) return { from: typed, to: nextDay(typed) };
  return { from: typed, to: 'now' };
}

/** The day after (or `n` days after) an ISO day, as text. */
export function nextDay(day: string, n = 1): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + n * 86_400_000).toISOString().slice(0, 10);
}

/** Whether a range is one whole day written as two ISO days. */
export function isDay({ from, to }: RangeText): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(from) && to === nextDay(from);
}

/** Whether a moment moves with the clock. */
export function isMoving(text: string): boolean {
  return /^\s*(now|[+-])/i.test(text);
}
