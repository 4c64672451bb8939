// Recomputes from tokens.css what the palette promises: contrast by WCAG 2, distances in OKLab (Ottosson 2020),
// and the same under full protanopia, deuteranopia and tritanopia (Machado, Oliveira and Fernandes 2009).
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Rgb = [number, number, number];
type Matrix = [Rgb, Rgb, Rgb];

const VISION: Record<string, Matrix> = {
  plain: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const css = readFileSync(new URL('../src/tokens.css', import.meta.url), 'utf8');
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].reverse().map((m) => [m[1], [m[2], m[3]]]),
);

const linear = (hex: string) =>
  [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as Rgb;

const times = (matrix: Matrix, v: Rgb) => matrix.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]) as Rgb;

function oklab(rgb: Rgb): Rgb {
  const lms = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    rgb,
  );
  const root = lms.map((c) => Math.cbrt(Math.max(0, c))) as Rgb;
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    root,
  );
}

function luminance(hex: string): number {
  const [r, g, b] = linear(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function leastDistance(colours: string[], vision: Matrix): number {
  // Simulated colours may leave the gamut a little; a screen cannot show that.
  const seen = colours.map((hex) => oklab(times(vision, linear(hex)).map((c) => Math.min(1, Math.max(0, c))) as Rgb));
  let least = Infinity;
  for (let i = 0; i < seen.length; i += 1) {
    for (let k = i + 1; k < seen.length; k += 1) {
      least = Math.min(least, 100 * Math.hypot(...seen[i].map((c, at) => c - seen[k][at])));
    }
  }
  return least;
}

const SERIES = ['s1', 's2', 's3', 's4', 's5', 's6', 's7', 's8'];
const STATES = ['ok', 'warning', 'critical', 'silent'];

describe.each([
  ['light', 0, { plain: 13.5, protan: 9.5, deutan: 8.5, tritan: 8 }, 3],
  ['dark', 1, { plain: 13, protan: 9, deutan: 8.5, tritan: 8.3 }, 4.3],
] as const)('in the %s theme', (_, side, least, contrastLeast) => {
  const colour = (name: string) => tokens.get(name)![side];
  it.each(Object.keys(VISION))('series stay apart under %s vision', (vision) => {
    const distance = leastDistance(SERIES.map(colour), VISION[vision]);
    expect(distance).toBeGreaterThanOrEqual(least[vision as keyof typeof least]);
  });
  it('series show on their card', () => {
    for (const name of SERIES) expect(contrast(colour(name), colour('card')), name).toBeGreaterThanOrEqual(contrastLeast);
  });
  it('states stay apart under any vision and read as text', () => {
    for (const vision of Object.values(VISION)) expect(leastDistance(STATES.map(colour), vision)).toBeGreaterThanOrEqual(10);
    for (const name of STATES) expect(contrast(colour(name), colour('card')), name).toBeGreaterThanOrEqual(4.9);
  });
  it('text reads on every ground', () => {
    for (const ground of ['page', 'card', 'sunken', 'wash']) {
      expect(contrast(colour('text'), colour(ground))).toBeGreaterThanOrEqual(12);
      expect(contrast(colour('muted'), colour(ground)), ground).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colour('accent'), colour(ground)), ground).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(colour('on-accent'), colour('accent'))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour('edge'), colour('card')), 'edges of fields').toBeGreaterThanOrEqual(3);
  });
});
