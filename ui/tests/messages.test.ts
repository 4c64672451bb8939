import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { t } from '../src/lib/t';
import en from '../src/messages/en.json';

const folder = new URL('../src', import.meta.url).pathname;
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(svelte|ts)$/.test(name))
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n');

it('every message is used', () => {
  const whole = (key: string) => key.replace(/\.(one|other)$/, '');
  // Keys put together at run time: `state.${state}`.
  const built = [...sources.matchAll(/`([\w.]+\.)\$\{/g)].map((match) => match[1]);
  const unused = Object.keys(en).filter(
    (key) => !sources.includes(`'${whole(key)}'`) && !built.some((stem) => key.startsWith(stem)),
  );
  expect(unused).toEqual([]);
});

it('messages count and fill in', () => {
  expect(t('values.more', { n: 1 })).toBe('One more series');
  expect(t('values.more', { n: 7 })).toBe('7 more series');
  expect(t('range.last', { span: '6 h' })).toBe('Last 6 h');
});
