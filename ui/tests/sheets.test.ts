import { expect, it } from 'vitest';
import type { Sheet } from '../src/lib/api';
import { alike, chartHeight, moved } from '../src/lib/sheets';

it('as many lines of charts as wanted fill the window, within reason', () => {
  expect(chartHeight(1000, 2)).toBe(325);
  expect(chartHeight(1000, 1)).toBe(480);
  expect(chartHeight(1000, 12)).toBe(140);
  expect(chartHeight(300, 2)).toBe(140);
  expect(chartHeight(1000, 0)).toBe(480);
});

it('a chart moves by one place, and never out of the sheet', () => {
  expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
  expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
  expect(moved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c']);
  expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'b', 'c']);
});

it('only what is kept makes a sheet another one', () => {
  const sheet: Sheet = {
    id: 'x',
    title: 'X',
    description: '',
    exprs: ['.es()'],
    columns: 2,
    rows: 2,
    interval: 'auto',
    compatible: false,
    changed_ms: 1,
  };
  expect(alike(sheet, { ...sheet, changed_ms: 2 })).toBe(true);
  expect(alike(sheet, { ...sheet, exprs: ['.es()', ''] })).toBe(false);
  expect(alike(sheet, { ...sheet, compatible: true })).toBe(false);
});
