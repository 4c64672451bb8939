/** Expressions run before in each language, newest first, kept by the browser. */

import type { Language } from './languages';

/** Timelion's keeps the name it had when there was no other. */
const stored = (language: Language) => (language === 'timelion' ? 'windhover.history' : `windhover.history.${language}`);
const KEPT_MAX = 100;

export function past(language: Language): string[] {
  try {
    const read = JSON.parse(localStorage.getItem(stored(language)) ?? '[]') as unknown;
    return Array.isArray(read) ? read.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

export function remember(language: Language, expr: string): void {
  const text = expr.trim();
  if (!text) return;
  const kept = [text, ...past(language).filter((one) => one !== text)].slice(0, KEPT_MAX);
  localStorage.setItem(stored(language), JSON.stringify(kept));
}
