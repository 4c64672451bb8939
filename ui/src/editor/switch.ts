/** What is kept when another language is chosen. */

import type { Language } from './languages';

/** How each language asks for a metric and nothing else. */
const PLAIN: Record<Language, { read: RegExp; write: (metric: string) => string }> = {
  timelion: {
    read: /^\.es\(\s*(?:metric\s*=\s*)?(?:(?:avg|sum|min|max|last):)?([a-z_]\w*)\s*\)$/i,
    write: (metric) => `.es(metric=avg:${metric})`,
  },
  promql: { read: /^([a-z_]\w*)$/i, write: (metric) => metric },
  graphite: {
    read: /^(?:\*\.([a-z_]\w*)|seriesByTag\(\s*['"]name=([a-z_]\w*)['"]\s*\))$/i,
    write: (metric) => `seriesByTag('name=${metric}')`,
  },
  rpn: { read: /^DEF:\w+=([a-z_]\w*)(?::AVERAGE)?$/i, write: (metric) => `DEF:a=${metric}:AVERAGE` },
};

/** The same question in another language, where it asks for a metric and nothing else. */
export function translated(expr: string, from: Language, to: Language): string | null {
  const found = expr
    .trim()
    .match(PLAIN[from].read)
    ?.slice(1)
    .find((one) => one !== undefined);
  return found ? PLAIN[to].write(found) : null;
}

/** What was last asked in each language, for as long as the page lives. */
const last = new Map<Language, string[]>();

/** Keeps the lines of a language and gives those of another: translated where all can be, else what was there before. */
export function switched(exprs: string[], from: Language, to: Language): string[] {
  const lines = exprs.filter((expr) => expr.trim());
  if (lines.length) last.set(from, lines);
  const known = lines.map((expr) => translated(expr, from, to));
  if (lines.length && known.every((one) => one !== null)) return known;
  return last.get(to) ?? [];
}
