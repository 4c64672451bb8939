import { describe, expect, it } from 'vitest';
import { jsonOf, type Cell } from '../src/chart/cell';
import { looksOf, SeriesPalette } from '../src/chart/looks';
import { plotOf } from '../src/chart/plot';
import { stepOf, STYLES, viewOf } from '../src/chart/view';
import { asked, switched, translated } from '../src/editor/switch';
import type { Colours } from '../src/lib/theme.svelte';

const colours = new Proxy({}, { get: () => '#123456' }) as Colours;

const cell: Cell = {
  error: null,
  note: null,
  title: null,
  legend: null,
  yaxes: [],
  series: ['a', 'b'].map((label) => ({
    label,
    color: null,
    yaxis: 1,
    hide: false,
    unit: '',
    lines: { stack: true },
    bars: null,
    points: null,
    values: label === 'a' ? [1, null, -3] : [0, 10, 100],
  })),
  startMs: 5000,
  stepMs: 500,
  timesMs: null,
  count: 3,
};

describe('another language', () => {
  it('asks for the same metric where nothing else was asked', () => {
    for (const [from, text, to, expected] of [
      ['timelion', '.es(metric=avg:load1)', 'promql', 'load1'],
      ['timelion', '.es(load1)', 'graphite', "seriesByTag('name=load1')"],
      ['promql', ' load1 ', 'rpn', 'DEF:a=load1:AVERAGE'],
      ['graphite', '*.load1', 'timelion', '.es(metric=avg:load1)'],
      ['graphite', 'seriesByTag("name=load1")', 'promql', 'load1'],
      ['rpn', 'DEF:x=load1', 'promql', 'load1'],
      ['promql', 'rate(load1[5m])', 'timelion', null],
      ['timelion', '.es(metric=avg:load1, split=host:3)', 'promql', null],
    ] as const)
      expect(translated(text, from, to), text).toBe(expected);
  });

  it('finds again what was asked in it before', () => {
    expect(switched(['.es(metric=avg:load1).derivative()'], 'timelion', 'promql')).toEqual([]);
    expect(switched(['rate(x[5m])', ' '], 'promql', 'timelion')).toEqual(['.es(metric=avg:load1).derivative()']);
    expect(switched([''], 'timelion', 'promql')).toEqual(['rate(x[5m])']);
    expect(switched(['up'], 'promql', 'graphite')).toEqual(["seriesByTag('name=up')"]);
  });
});

it('a first question fits the kind of a metric and the letters of its name', () => {
  const all = (metric: string, counter: boolean) =>
    (['timelion', 'promql', 'graphite', 'rpn'] as const).map((one) => asked(metric, counter, one));
  expect(all('x', false)).toEqual(['.es(metric=avg:x)', 'x', "seriesByTag('name=x')", 'DEF:a=x:AVERAGE']);
  expect(all('x', true)).toEqual(['.es(metric=rate:x)', 'rate(x[1m])', "perSecond(seriesByTag('name=x'))", 'DEF:a=x:RATE']);
  expect(all('a.b', true).slice(0, 2)).toEqual([".es(metric='rate:a.b')", 'rate({"a.b"}[1m])']);
});

describe('how charts look', () => {
  it('is read from the URL, and what is unknown is left out', () => {
    const read = (text: string) => viewOf(new URLSearchParams(text));
    expect(read('style=stack&scale=log&unit=bytes')).toEqual({ style: 'stack', log: true, unit: 'bytes' });
    expect(read('style=pie&scale=cubic')).toEqual({ style: 'auto', log: false, unit: '' });
    const steps = ['30s', '90m', 'auto', '', '5 m', 'x'].map((step) => stepOf(new URLSearchParams({ step })));
    expect(steps).toEqual(['30s', '90m', 'auto', 'auto', 'auto', 'auto']);
  });

  it('is what a person chose over what the expression says', () => {
    const shape = (style: (typeof STYLES)[number]) => {
      const [look] = looksOf(cell.series, new SeriesPalette(), colours, false, '', style);
      return [look.line, look.stacked, look.fill > 0, look.steps, !!look.bars, !!look.points].map(Number).join('');
    };
    const shapes = Object.fromEntries(STYLES.map((style) => [style, shape(style)]));
    expect(shapes).toEqual({
      auto: '110000',
      lines: '100000',
      area: '101000',
      stack: '111000',
      steps: '100100',
      bars: '010010',
      points: '000001',
    });
  });

  it('leaves out what has no place on a logarithmic scale, and stacks nothing there', () => {
    const looks = looksOf(cell.series, new SeriesPalette(), colours, false, '', 'stack');
    const { data, layers } = plotOf(cell, looks, new Set(), true);
    const [, a, b] = data;
    expect([a, b]).toEqual([
      [1, null, null],
      [null, 10, 100],
    ]);
    expect(layers.some(Boolean)).toBe(false);
    expect(plotOf(cell, looks, new Set(), false).layers.every(Boolean)).toBe(true);
  });
});

it('JSON has each value with its time and leaves out what is not there', () => {
  expect(JSON.parse(jsonOf(cell))).toEqual([
    {
      label: 'a',
      points: [
        [5, 1],
        [6, -3],
      ],
    },
    {
      label: 'b',
      points: [
        [5, 0],
        [5.5, 10],
        [6, 100],
      ],
    },
  ]);
});
