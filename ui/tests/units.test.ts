import { describe, expect, it } from 'vitest';
import { format, formatCount, formatDuration, formatTick, spaced, unitOf } from '../src/lib/units';

/** Numbers are written with non-breaking spaces; tests read better with plain ones. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('a value', () => {
  const cases: [number | null, string, string][] = [
    [null, 'bytes', '–'],
    [NaN, '', '–'],
    [0, 'bytes', '0 B'],
    [1023, 'bytes', '1023 B'],
    [1024, 'bytes', '1 KiB'],
    [1536, 'bytes', '1.50 KiB'],
    [2.5 * 2 ** 30, 'bytes', '2.50 GiB'],
    [999.5, 'bits_per_second', '1.00 kbit/s'],
    [12_345_678, 'bits/s', '12.3 Mbit/s'],
    [1500, 'bytes_per_second', '1.46 KiB/s'],
    [0.421, 'ratio', '42.1 %'],
    [1, 'ratio', '100 %'],
    [42.5, 'percent', '42.5 %'],
    [0.0032, 'seconds', '3.20 ms'],
    [2.5e-5, 'seconds', '25.0 µs'],
    [90, 'seconds', '90 s'],
    [12, 'ms', '12 ms'],
    [1830, 'microseconds', '1.83 ms'],
    [0.5, 'cores', '0.50 cores'],
    [0, 'cores', '0 cores'],
    [61.5, 'celsius', '61.5 °C'],
    [1234, '', '1.23 k'],
    [42, '', '42'],
    [-6_310_000, 'bits/s', '−6.31 Mbit/s'],
    [0.0003, '', '0.00030'],
    [1e-8, '', '1.0e−8'],
    [120, 'packets/s', '120 packets/s'],
    [0.33, 'seconds/s', '0.33 s/s'],
    [7, 'custom:~:pcs', '~7 pcs'],
  ];
  for (const [value, unit, text] of cases) {
    it(`${value} ${unit} is ${text}`, () => expect(plain(format(value, unitOf(unit)))).toBe(text));
  }
});

describe('a tick', () => {
  const cases: [number, string, number, number, string][] = [
    [0, 'bytes', 2 ** 30, 2 ** 32, '0'],
    [2 ** 29, 'bytes', 2 ** 29, 2 ** 31, '0.5 GiB'],
    [2 ** 30, 'bytes', 2 ** 29, 2 ** 31, '1.0 GiB'],
    [0.25, 'ratio', 0.05, 0.3, '25 %'],
    [0.005, 'ratio', 0.005, 0.02, '0.5 %'],
    [1.5, 'cores', 0.5, 2, '1.5 cores'],
    [500, '', 500, 1500, '0.5 k'],
    [-2e7, 'bits/s', 2e7, 4e7, '−20 Mbit/s'],
    [0.002, 'seconds', 0.001, 0.004, '2 ms'],
  ];
  for (const [value, unit, step, largest, text] of cases) {
    it(`${value} ${unit} by ${step} is ${text}`, () => expect(plain(formatTick(value, unitOf(unit), step, largest))).toBe(text));
  }
});

it('durations take their two largest parts', () => {
  const cases: [number, string][] = [
    [0, '0 s'],
    [42_400, '42 s'],
    [61_000, '1 min 1 s'],
    [14 * 60_000, '14 min'],
    [2 * 3_600_000 + 5 * 60_000, '2 h 5 min'],
    [26 * 3_600_000, '1 d 2 h'],
    [40 * 86_400_000 + 3_600_000, '40 d'],
  ];
  for (const [ms, text] of cases) expect(plain(formatDuration(ms))).toBe(text);
});

it('counts and intervals are spaced', () => {
  expect(plain(formatCount(1_234_567))).toBe('1 234 567');
  expect(plain(formatCount(null))).toBe('–');
  expect(plain(spaced('30s'))).toBe('30 s');
});
