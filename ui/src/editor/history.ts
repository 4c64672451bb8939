/** Expressions run before, newest first, kept by the browser. */

const STORED = 'windhover.history';
const KEPT_MAX = 100;

export function past(): string[] {
  try {
    const read = JSON.parse(localStorage.getItem(STORED) ?? '[]') as unknown;
    return Array.isArray(read) ? read.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

export function remember(expr: string): void {
  const text = expr.trim();
  if (!text) return;
  const kept = [text, ...past().filter((one) => one !== text)].slice(0, KEPT_MAX);
  localStorage.setItem(STORED, JSON.stringify(kept));
}
