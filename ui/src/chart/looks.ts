/** How each series looks: its colour and dash, and the style an expression gave it. */
import type { SeriesFrame } from '../lib/api';
import type { Colours } from '../lib/theme.svelte';
import type { Style } from './view';

export interface Look {
  /** The whole label, which tells the series apart. */
  label: string;
  /** The part of the label that differs from the others, for lists. */
  name: string;
  colour: string;
  dash: number[] | undefined;
  width: number;
  /** Opacity of the area under the line, 0 for none. */
  fill: number;
  steps: boolean;
  line: boolean;
  bars: { width: number } | null;
  points: { size: number; width: number; fill: boolean } | null;
  stacked: boolean;
  axis: number;
  unit: string;
}

const SLOTS = ['s1', 's2', 's3', 's4', 's5', 's6', 's7', 's8'] as const;
/** After eight colours the same ones come dashed, dotted and dash-dotted: 32 looks. */
const DASHES = [undefined, [6, 4], [2, 3], [8, 3, 2, 3]];

/** The same in a stack: areas that grow paler. */
const AREAS = [0.75, 0.5, 0.3, 0.15];

/** Gives the same label the same colour on every chart of a page. */
export class SeriesPalette {
  #slots = new Map<string, number>();

  /** A slot for each label, distinct within the chart as far as 32 reach. */
  slots(labels: string[]): number[] {
    const taken = new Set<number>();
    const chosen = labels.map((label) => {
      const slot = this.#slots.get(label);
      if (slot === undefined || taken.has(slot)) return -1;
      taken.add(slot);
      return slot;
    });
    return chosen.map((slot, i) => {
      if (slot >= 0) return slot;
      let free = 0;
      while (taken.has(free)) free += 1;
      taken.add(free);
      if (!this.#slots.has(labels[i])) this.#slots.set(labels[i], free);
      return free;
    });
  }
}

/** The looks of a chart's series. `stacked` stacks them all and `unit` names their unit, as the plan of a host's chart may ask. */
export function looksOf(
  series: SeriesFrame[],
  palette: SeriesPalette,
  colours: Colours,
  stacked: boolean,
  unit: string,
  style: Style = 'auto',
): Look[] {
  const names = shortNames(series.map((one) => one.label));
  const slots = palette.slots(series.map((one) => one.label));
  return series.map((one, i) => {
    const { lines, bars, points } = styled(one, style);
    const showBars = bars !== null && bars.show !== false;
    const showPoints = points !== null && points.show !== false;
    const line = lines ? lines.show !== false : !showBars && !showPoints;
    const inStack =
      style === 'stack' ||
      (stacked && style === 'auto') ||
      (line && lines?.stack === true) ||
      (showBars && bars?.stack !== false);
    // A whole stack is areas without outlines: the outline of an empty layer would hide the one below.
    const area = style === 'stack' || (stacked && style === 'auto' && !lines);
    const cycle = Math.floor(slots[i] / SLOTS.length) % DASHES.length;
    const fill = lines?.fill != null ? Math.min(1, lines.fill / 10) : area ? AREAS[cycle] : series.length === 1 ? 0.1 : 0;
    return {
      label: one.label,
      name: names[i],
      colour: one.color ?? colours[SLOTS[slots[i] % SLOTS.length]],
      dash: one.color || area ? undefined : DASHES[cycle],
      width: lines?.width ?? (area ? 0 : 1.5),
      fill: line ? fill : 0,
      steps: lines?.steps === true,
      line,
      bars: showBars ? { width: bars?.width ?? 6 } : null,
      points: showPoints ? { size: 2 * (points?.radius ?? 3), width: points?.weight ?? 2, fill: (points?.fill ?? 1) > 0 } : null,
      stacked: inStack,
      axis: one.yaxis || 1,
      unit: unit || one.unit,
    };
  });
}

/** Widest bar of a chosen style, in pixels: as wide as there is room, but no blocks. */
const BAR_WIDTH = 40;

/** The style a person chose instead of that of the expression. */
function styled(one: SeriesFrame, style: Style): Pick<SeriesFrame, 'lines' | 'bars' | 'points'> {
  switch (style) {
    case 'lines':
      return { lines: { fill: 0 }, bars: null, points: null };
    case 'area':
      return { lines: { fill: 3 }, bars: null, points: null };
    case 'stack':
      return { lines: null, bars: null, points: null };
    case 'steps':
      return { lines: { steps: true, fill: 0 }, bars: null, points: null };
    case 'bars':
      return { lines: null, bars: { width: BAR_WIDTH }, points: null };
    case 'points':
      return { lines: null, bars: null, points: { radius: 2 } };
    default:
      return one;
  }
}

/** Labels such as `q:host:a > mode:user > avg(cpu)` without the parts they all share. */
export function shortNames(labels: string[]): string[] {
  const parts = labels.map((label) => label.split(' > '));
  const width = parts[0]?.length ?? 0;
  if (width < 2 || parts.some((one) => one.length !== width)) return labels;
  const differs = parts[0].map((part, i) => parts.some((one) => one[i] !== part));
  if (!differs.includes(true)) return labels.map((_, i) => parts[i][width - 1]);
  return parts.map((one) =>
    one
      .filter((_, i) => differs[i])
      .map((part) => part.replace(/^[\w.-]+:(?=.)/, ''))
      .join(' '),
  );
}

/** A colour (`rgb(…)` or `#rrggbb`) with an opacity. */
export function faded(colour: string, opacity: number): string {
  const hex = colour.match(/^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i);
  const rgb = hex ? hex.slice(1).map((pair) => parseInt(pair, 16)) : colour.match(/\d+(\.\d+)?/g)?.slice(0, 3);
  return rgb ? `rgba(${rgb.join(', ')}, ${opacity})` : colour;
}
