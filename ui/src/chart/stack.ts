/** Stacked values: each series stands on the ones before it, positive ones upwards and negative ones downwards. */
import type { Values } from '../lib/api';

/** What to draw for one series: its upper edge, and the series its area stands on (null: on zero). */
export interface Layer {
  edge: Values;
  base: Values | null;
  /** The index of the series below, for the band between the two. */
  below: number | null;
}

/**
 * The layers of those series that are members of the stack; the others are null.
 * Where a member has no value but another one has, it counts as nothing; where none has, there is a gap.
 */
export function stack(columns: Values[], member: boolean[]): (Layer | null)[] {
  const length = columns[0]?.length ?? 0;
  const gap = new Array<boolean>(length).fill(true);
  columns.forEach((values, s) => {
    if (member[s]) values.forEach((value, i) => value !== null && (gap[i] = false));
  });
  const top: Record<'up' | 'down', { values: Values; index: number } | null> = { up: null, down: null };
  return columns.map((values, s) => {
    if (!member[s]) return null;
    const side = isNegative(values) ? 'down' : 'up';
    const base = top[side];
    const edge = values.map((value, i) => (gap[i] ? null : (value ?? 0) + (base?.values[i] ?? 0)));
    top[side] = { values: edge, index: s };
    return { edge, base: base?.values ?? null, below: base?.index ?? null };
  });
}

function isNegative(values: Values): boolean {
  let sum = 0;
  for (const value of values) sum += value ?? 0;
  return sum < 0;
}
