import { expect, it } from 'vitest';
import type { EventRow, Part } from '../src/lib/api';
import { cursorAfter, inOrder, merge, stateOf } from '../src/lib/events';

const event = (time_ms: number, number: number) => ({ time_ms, number }) as EventRow;
const numbers = (events: EventRow[]) => events.map((one) => one.number);

it('pages and streams join newest first, each event once', () => {
  const known = [event(30, 7), event(20, 5)];
  expect(numbers(merge(known, [event(30, 8), event(30, 7), event(10, 9)]))).toEqual([8, 7, 5, 9]);
  expect(merge(known, [])).toBe(known);
  expect(numbers(merge([], known))).toEqual([7, 5]);
  expect(cursorAfter(known)).toBe('20.5');
  expect(cursorAfter([])).toBeNull();
});

it('parts with problems come first, those without anything to measure last', () => {
  const part = (name: string, more: Partial<Part> = {}) =>
    ({ part: 'collector', name, last_ms: 1, samples: 3, problem: '', ...more }) as Part;
  const parts = [
    part('zfs', { samples: 0 }),
    part('cpu'),
    part('disk', { part: 'check' }),
    part('smart', { problem: 'not allowed', last_ms: null }),
    part('falcon', { last_ms: null }),
  ];
  expect(inOrder(parts).map((one) => [one.name, stateOf(one)])).toEqual([
    ['smart', 'problem'],
    ['falcon', 'waiting'],
    ['disk', 'working'],
    ['cpu', 'working'],
    ['zfs', 'nothing'],
  ]);
});
