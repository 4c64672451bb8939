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

/** How each language asks how fast a counter grows. */
const RATE: Record<Language, (metric: string) => string> = {
  timelion: (metric) => `.es(metric=rate:${metric})`,
  promql: (metric) => `rate(${metric}[1m])`,
  graphite: (metric) => `perSecond(seriesByTag('name=${metric}'))`,
  rpn: (metric) => `DEF:a=${metric}:RATE`,
};

/** A first question about a metric; names that are not plain words need quotes. */
export function asked(metric: string, isCounter: boolean, language: Language): string {
  const isPlain = /^[a-z_:][\w:]*$/i.test(metric);
  if (language === 'promql' && !isPlain)
    return isCounter ? `rate({${JSON.stringify(metric)}}[1m])` : `{${JSON.stringify(metric)}}`;
  if (language === 'timelion' && !isPlain) return `.es(metric='${isCounter ? 'rate' : 'avg'}:${metric}')`;
  return (isCounter ? RATE[language] : PLAIN[language].write)(metric);
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
