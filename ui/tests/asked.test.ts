import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askedLabel, bytesTicks } from '../src/chart/asked';

describe('axes as an expression asks for them', () => {
  it('write money, percent and affixes', () => {
    expect(askedLabel('currency:EUR', null)!(1234.5)).toBe('€1,234.50');
    expect(askedLabel('currency', null)!(2)).toBe('$2.00');
    expect(askedLabel('percent', 4)!(0.12345)).toBe('12.35%');
    expect(askedLabel('percent', null)!(0.5)).toBe('50%');
    expect(askedLabel('custom:about :min', 1)!(3)).toBe('about 3.0min');
    expect(askedLabel('custom:~', null)!(3.4)).toBe('~3');
    expect(askedLabel('bytes', null)!(0)).toBe('0B');
    expect(askedLabel('something', null)).toBeNull();
  });
  it('have ticks around their values', () => {
    expect(bytesTicks(-3, 5, 1)).toEqual([-4, -2, 0, 2, 4, 6]);
  });

  const folder = process.env.WINDHOVER_CONFORMANCE ?? resolve(__dirname, '../../../shared/conformance');
  const file = resolve(folder, 'timelion.json');
  if (!existsSync(file)) console.warn(`no ${file}: the cases of axes are left out`);
  const cases = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).cases : [];
  for (const one of cases.filter((one: { kind: string }) => one.kind === 'format')) {
    it(`says what ${one.id} says`, () => {
      const units = [one.function, one.prefix ?? '', one.suffix ?? ''].join(':').replace(/:+$/, '');
      expect(askedLabel(units, one.tickDecimals ?? null)?.(one.value)).toBe(one.expect.text);
    });
  }
  for (const one of cases.filter((one: { kind: string; function: string }) => one.kind === 'ticks')) {
    it(`has the ticks of ${one.id}`, () => {
      expect(bytesTicks(one.input.min, one.input.max, one.input.delta)).toEqual(one.expect.ticks);
    });
  }
});
