/** Events of a log: pages and a stream, put together without gaps and without repeats. */
import type { EventRow, Level, Part } from './api';

/** From the least to the most important. */
export const LEVELS = ['debug', 'info', 'warn', 'error'] as const satisfies Level[];

/** Both lists as one, newest first (those of one time as they came), each event once. */
export function merge(known: EventRow[], more: EventRow[]): EventRow[] {
  if (!more.length) return known;
  const seen = new Set(known.map((event) => event.number));
  const fresh = more.filter((event) => !seen.has(event.number));
  return [...known, ...fresh].sort((a, b) => b.time_ms - a.time_ms || b.number - a.number);
}

/** Where what is older than all of these begins, in the server's words. */
export function cursorAfter(events: EventRow[]): string | null {
  const last = events.at(-1);
  return last ? `${last.time_ms}.${last.number}` : null;
}

export type PartState = 'problem' | 'waiting' | 'nothing' | 'working';

/** How a part stands, in one word. */
export function stateOf(part: Part): PartState {
  if (part.problem) return 'problem';
  if (part.last_ms === null) return 'waiting';
  return part.samples === 0 ? 'nothing' : 'working';
}

const ORDER: PartState[] = ['problem', 'waiting', 'working', 'nothing'];

/** Problems first, then by kind and name. */
export function inOrder(parts: Part[]): Part[] {
  const rank = (part: Part) => ORDER.indexOf(stateOf(part));
  return [...parts].sort((a, b) => rank(a) - rank(b) || a.part.localeCompare(b.part) || a.name.localeCompare(b.name));
}
