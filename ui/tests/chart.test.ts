import { describe, expect, it } from 'vitest';
import { applyFrame, cellsOf, csvOf, freshness, summary, timeAt, type Cell } from '../src/chart/cell';
import { looksOf, SeriesPalette, shortNames } from '../src/chart/looks';
import { stack } from '../src/chart/stack';
import { timeLabel, timeTicks, valueAxis, valueStep } from '../src/chart/ticks';
import type { RunAnswer, SeriesFrame, Values } from '../src/lib/api';
import type { Colours } from '../src/lib/theme.svelte';
import { unitOf } from '../src/lib/units';

function series(label: string, values: Values): SeriesFrame {
  return { label, values, color: null, yaxis: 1, hide: false, unit: '', lines: null, bars: null, points: null };
}

function answer(start_ms: number, all: SeriesFrame[], more: Partial<RunAnswer> = {}): RunAnswer {
  const count = all[0]?.values.length ?? 0;
  const stats = { series: 1, samples: 1, parse_us: 1, find_us: 1, read_us: 1, compute_us: 1, tier: 'raw' };
  const results = [{ error: null, title: null, legend: null, yaxes: [], series: all }];
  const to_ms = start_ms + count * 1000;
  return { from_ms: start_ms, to_ms, start_ms, step_ms: 1000, count, interval: '1s', now_ms: to_ms, results, stats, ...more };
}

describe('value axes', () => {
  it('step by powers of two for bytes, by 1-2-5 else, by the clock for seconds', () => {
    expect(valueStep(3e9, unitOf('bytes'))).toBe(2 ** 32);
    expect(valueStep(3, unitOf(''))).toBe(5);
    expect(valueStep(0.021, unitOf('ratio'))).toBeCloseTo(0.05);
    expect(valueStep(2, unitOf('cores'))).toBe(2);
    expect(valueStep(100, unitOf('seconds'))).toBe(120);
  });
  const cases: [number | null, number | null, string, { min?: number; max?: number }, number, number][] = [
    [null, null, '', {}, 0, 1],
    [0, 0, 'ratio', {}, 0, 0.01],
    [5, 5, '', {}, 0, 8],
    [20, 97, '', {}, 0, 100],
    [900, 1000, '', {}, 900, 1000],
    [-20, 38, '', {}, -20, 40],
    [0, 0.31, 'ratio', { max: 1 }, 0, 1],
    [3, 9, '', { min: 2 }, 2, 10],
    [0, 7 * 2 ** 30, 'bytes', {}, 0, 8 * 2 ** 30],
  ];
  for (const [low, high, unit, fixed, min, max] of cases) {
    it(`${low} to ${high} ${unit}`, () => {
      const axis = valueAxis(low, high, unitOf(unit), 4, fixed);
      expect([axis.min, axis.max]).toEqual([min, max]);
      expect(axis.ticks.length).toBeLessThanOrEqual(7);
      expect(axis.ticks.every((tick) => tick >= min - 1e-9 && tick <= max + 1e-9)).toBe(true);
    });
  }
  it('never loop for ever on hostile numbers', () => {
    for (const [low, high] of [
      [-1e308, 1e308],
      [1e-320, 1e-319],
      [1e15, 1e15 + 1],
    ]) {
      expect(valueAxis(low, high, unitOf(''), 4).ticks.length).toBeLessThan(50);
    }
  });
});

describe('time axes', () => {
  const at = (text: string) => Date.parse(text);
  it('stand on round times of the zone', () => {
    const { ticks } = timeTicks(at('2026-11-21T13:02:10Z'), at('2026-11-21T13:16:00Z'), 200_000, 'UTC');
    expect(ticks.map((tick) => timeLabel(tick, 300_000, 'UTC'))).toEqual(['13:05', '13:10', '13:15']);
    const kolkata = timeTicks(at('2026-11-21T00:00:00Z'), at('2026-11-22T00:00:00Z'), 7_200_000 * 2, 'Asia/Kolkata');
    expect(kolkata.ticks.map((tick) => timeLabel(tick, kolkata.stepMs, 'Asia/Kolkata'))).toContain('2026-11-22');
  });
  it('name the day at midnight, seconds only when they matter, months when days are too many', () => {
    expect(timeLabel(at('2026-11-21T00:00:00Z'), 3_600_000, 'UTC')).toBe('2026-11-21');
    expect(timeLabel(at('2026-11-21T13:05:20Z'), 10_000, 'UTC')).toBe('13:05:20');
    expect(timeLabel(at('2026-11-01T00:00:00Z'), 30 * 86_400_000, 'UTC')).toBe('2026-11');
  });
  it('keep days at midnight over a clock change', () => {
    const { ticks } = timeTicks(at('2026-10-23T22:00:00Z'), at('2026-10-28T23:00:00Z'), 86_400_000, 'Europe/Berlin');
    expect(ticks.map((tick) => timeLabel(tick, 86_400_000, 'Europe/Berlin')).join(' ')).toBe(
      '2026-10-24 2026-10-25 2026-10-26 2026-10-27 2026-10-28 2026-10-29',
    );
  });
  it('reach over years', () => {
    const { ticks } = timeTicks(at('2016-01-01T00:00:00Z'), at('2026-01-01T00:00:00Z'), 300 * 86_400_000, 'UTC');
    expect(ticks.length).toBe(11);
  });
});

describe('stacks', () => {
  it('stand on each other, negative ones downwards', () => {
    const layers = stack(
      [
        [1, 2],
        [10, 20],
        [-1, -2],
        [-5, -5],
      ],
      [true, true, true, true],
    );
    expect(layers.map((layer) => layer!.edge)).toEqual([
      [1, 2],
      [11, 22],
      [-1, -2],
      [-6, -7],
    ]);
    expect(layers.map((layer) => layer!.below)).toEqual([null, 0, null, 2]);
  });
  it('count a missing value as nothing, and leave a gap where all miss', () => {
    const layers = stack(
      [
        [1, null, null],
        [2, 5, null],
      ],
      [true, true],
    );
    expect(layers.map((layer) => layer!.edge)).toEqual([
      [1, 0, null],
      [3, 5, null],
    ]);
  });
  it('leave those out that are no members', () => {
    expect(stack([[1], [2], [3]], [true, false, true]).map((layer) => layer?.edge ?? null)).toEqual([[1], null, [4]]);
  });
});

describe('live frames', () => {
  const start = cellsOf(answer(10_000, [series('a', [1, 2, 3, 4]), series('b', [5, 6, 7, 8])]));
  it('overwrite by time, grow, and drop what left the window', () => {
    const frame = answer(13_000, [series('a', [40, 50]), series('b', [80, 90])], { from_ms: 11_000, replace: false });
    const [cell] = applyFrame(start, frame);
    expect(cell.startMs).toBe(11_000);
    expect(cell.series.map((one) => one.values)).toEqual([
      [2, 3, 40, 50],
      [6, 7, 80, 90],
    ]);
  });
  it('leave gaps for what did not come and keep what came earlier', () => {
    const frame = answer(16_000, [series('a', [7])], { from_ms: 10_000, replace: false });
    expect(applyFrame(start, frame)[0].series.map((one) => one.values)).toEqual([
      [1, 2, 3, 4, null, null, 7],
      [5, 6, 7, 8, null, null, null],
    ]);
  });
  it('add a new series behind a gap and drop one that has nothing left', () => {
    const frame = answer(14_000, [series('b', [9]), series('c', [1])], { from_ms: 14_000, replace: false });
    const [cell] = applyFrame(start, frame);
    expect(cell.series.map((one) => [one.label, one.values])).toEqual([
      ['b', [9]],
      ['c', [1]],
    ]);
  });
  it('replace everything when the step changed', () => {
    const frame = answer(20_000, [series('a', [1])], { step_ms: 5000, replace: false });
    expect(applyFrame(start, frame)[0].count).toBe(1);
  });
  it('replace everything when steps are of unequal length', () => {
    const times_ms = [0, 2_678_400_000, 5_097_600_000];
    const [cell] = applyFrame(start, answer(0, [series('a', [1, 2, 3])], { step_ms: 1000, times_ms, replace: false }));
    expect([0, 1, 2].map((i) => timeAt(cell, i))).toEqual(times_ms);
    expect(csvOf(cell)).toContain('1970-03-01T00:00:00.000Z,3');
  });
  it('hidden series are not drawn', () => {
    expect(cellsOf(answer(0, [{ ...series('a', [1]), hide: true }]))[0].series).toEqual([]);
  });
});

describe('a cell', () => {
  const [cell] = cellsOf(answer(0, [series('a, "b"', [1, null, 3, null]), series('c', [null, null, null, null])])) as [Cell];
  it('knows when its newest value was', () => {
    expect(freshness(cell)).toEqual({ lastMs: 2000, spacingMs: 2000 });
    expect(freshness({ ...cell, series: [] })).toBeNull();
  });
  it('becomes CSV with quotes where needed', () => {
    expect(csvOf(cell).split('\n').slice(0, 3)).toEqual([
      'time,"a, ""b""",c',
      '1970-01-01T00:00:00.000Z,1,',
      '1970-01-01T00:00:01.000Z,,',
    ]);
  });
  it('is summed up', () => {
    expect(summary(cell.series[0].values)).toEqual({ last: 3, min: 1, max: 3, avg: 2 });
    expect(summary([null])).toEqual({ last: null, min: null, max: null, avg: null });
  });
});

describe('looks', () => {
  const colours = Object.fromEntries(
    ['s1', 's2', 's3', 's4', 's5', 's6', 's7', 's8'].map((name) => [name, name]),
  ) as unknown as Colours;
  it('give the same label the same colour on every chart of a page', () => {
    const palette = new SeriesPalette();
    const first = looksOf([series('eth0', []), series('wg0', [])], palette, colours, false, '');
    const second = looksOf([series('wg0', []), series('lo', [])], palette, colours, false, '');
    expect(first[1].colour).toBe(second[0].colour);
    expect(second[1].colour).not.toBe(second[0].colour);
  });
  it('are 32 different ones', () => {
    const many = Array.from({ length: 32 }, (_, i) => series(String(i), []));
    const looks = looksOf(many, new SeriesPalette(), colours, false, '').map((look) => `${look.colour} ${look.dash}`);
    expect(new Set(looks).size).toBe(32);
  });
  it('honour the styles of an expression', () => {
    const bars = { ...series('a', []), bars: { show: true, width: 3, stack: true } };
    const lines = { ...series('b', []), color: '#112233', lines: { width: 4, fill: 5, steps: true, stack: false } };
    const [a, b] = looksOf([bars, lines], new SeriesPalette(), colours, false, '');
    expect([a.line, a.bars, a.stacked]).toEqual([false, { width: 3 }, true]);
    expect([b.colour, b.width, b.fill, b.steps, b.stacked]).toEqual(['#112233', 4, 0.5, true, false]);
  });
  it('name series by what tells them apart', () => {
    expect(shortNames(['q:* > mode:user > avg(cpu)', 'q:* > mode:system > avg(cpu)'])).toEqual(['user', 'system']);
    expect(shortNames(['q:* > avg(cpu)'])).toEqual(['avg(cpu)']);
    expect(shortNames(['one', 'two'])).toEqual(['one', 'two']);
  });
});
