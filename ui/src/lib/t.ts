import en from '../messages/en.json';

/** The name of a message. */
export type Message = keyof typeof en;

const messages: Record<string, string> = en;
const plural = new Intl.PluralRules('en');

/**
 * The text of a message, `{name}` replaced from `values`.
 * A message that counts comes as `key.one` and `key.other`, chosen by `values.n`.
 */
export function t(key: Message | PluralMessage, values: Record<string, string | number> = {}): string {
  const counted = typeof values.n === 'number' ? messages[`${key}.${plural.select(values.n)}`] : undefined;
  const text = counted ?? messages[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** A message with one text for each plural form. */
export type PluralMessage = Message extends infer K ? (K extends `${infer Stem}.other` ? Stem : never) : never;
