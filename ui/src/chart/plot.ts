/** A chart as uPlot wants it: scales, axes, series and bands made from looks and data. */
import uPlot from 'uplot';
import type { Values, YAxis } from '../lib/api';
import type { Colours } from '../lib/theme.svelte';
import { format, formatTick, unitOf } from '../lib/units';
import { askedLabel, bytesTicks } from './asked';
import { timeAt, type Cell } from './cell';
import { faded, type Look } from './looks';
import { stack, type Layer } from './stack';
import { timeLabel, timeTicks, valueAxis, type ValueAxis } from './ticks';

const FONT = '11px system-ui, sans-serif';
/** Charts on one page share this width at least, so that their times stand above each other. */
const AXIS_WIDTH_MIN = 56;
const AXIS_GAP = 6;
/** With more series than this, dots at the cursor hide more than they show. */
const HOVER_POINTS_MAX = 24;
/** All plots of a page: the cursor is on the same instant in each. */
const SYNC_KEY = 'page';

/** What a plot is made of. A change of `shape` needs a new plot, a change of data does not. */
export interface Plot {
  shape: string;
  data: uPlot.AlignedData;
  layers: (Layer | null)[];
  looks: Look[];
  yaxes: YAxis[];
  log: boolean;
}

/** What a plot tells its owner. */
export interface PlotEvents {
  /** The cursor moved to a grid point, or left. `own` when the pointer is on this very plot. */
  hover: (index: number | null, own: boolean) => void;
  zoom: (fromMs: number, toMs: number) => void;
  zoomOut: () => void;
}

/** The data of a cell in uPlot's columns, stacked where looks say so, hidden series left empty. */
export function plotOf(cell: Cell, looks: Look[], hidden: ReadonlySet<string>, log = false): Plot {
  const times = Array.from({ length: cell.count }, (_, i) => timeAt(cell, i));
  const columns = cell.series.map((series, i): Values =>
    hidden.has(looks[i].label) ? series.values.map(() => null) : log ? series.values.map(positive) : series.values,
  );
  // Heights on such a scale do not add up.
  const layers = log ? columns.map(() => null) : stackByAxis(columns, looks, hidden);
  const data: uPlot.AlignedData = [times, ...columns.map((values, i) => layers[i]?.edge ?? values)];
  const shape = JSON.stringify([looks, cell.yaxes, log, layers.map((layer) => layer && layer.below)]);
  return { shape, data, layers, looks, yaxes: cell.yaxes, log };
}

/** Only what is greater than nothing has a place on a logarithmic scale. */
function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null;
}

function stackByAxis(columns: Values[], looks: Look[], hidden: ReadonlySet<string>): (Layer | null)[] {
  const layers: (Layer | null)[] = columns.map(() => null);
  for (const axis of new Set(looks.map((look) => look.axis))) {
    const member = looks.map((look) => look.stacked && look.axis === axis && !hidden.has(look.label));
    stack(columns, member).forEach((layer, i) => (layers[i] = layer ?? layers[i]));
  }
  return layers;
}

/** Draws a plot into an element. */
export function draw(
  target: HTMLElement,
  plot: () => Plot,
  view: { width: number; height: number; fromMs: number; toMs: number; zone: () => string; colours: Colours },
  events: PlotEvents,
): uPlot {
  const { looks, layers, yaxes, log } = plot();
  const { colours } = view;
  const indexes = [...new Set([1, ...looks.map((look) => look.axis)])].filter(
    (index) => index !== 1 || looks.some((look) => look.axis === 1) || !looks.length,
  );
  const value = indexes.map((index, position) => valueScale(index, position, looks, yaxes, colours, log));
  let own = false;

  const options: uPlot.Options = {
    width: view.width,
    height: view.height,
    ms: 1,
    pxAlign: true,
    padding: [8, value.some((one) => one.axis.side === 1) ? 0 : 10, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: true, range: (_, min, max) => [min, max], min: view.fromMs, max: view.toMs },
      ...Object.fromEntries(value.map((one) => [one.key, one.scale])),
    },
    axes: [timeAxis(view.zone, colours), ...value.map((one) => one.axis)],
    series: [{}, ...looks.map((look, i) => seriesOf(look, i, plot))],
    bands: layers.flatMap((layer, i) =>
      layer?.below != null && looks[i].line ? [{ series: [i + 1, layer.below + 1] as [number, number] }] : [],
    ),
    cursor: {
      y: false,
      points: { size: 7, width: 2, ...(looks.length > HOVER_POINTS_MAX && { show: false }) },
      drag: { x: true, y: false, setScale: false, dist: 4 },
      sync: { key: SYNC_KEY, scales: ['x', null], setSeries: false },
      bind: {
        dblclick: () => () => {
          events.zoomOut();
          return null;
        },
      },
    },
    hooks: {
      setCursor: [
        (u) => {
          const index = u.cursor.left !== undefined && u.cursor.left >= 0 ? (u.cursor.idx ?? null) : null;
          events.hover(index, own);
        },
      ],
      setSelect: [
        (u) => {
          const { left, width } = u.select;
          if (width === 0) return;
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          // The other plots of the page mirror the selection; only the one under the pointer acts.
          if (own) events.zoom(u.posToVal(left, 'x'), u.posToVal(left + width, 'x'));
        },
      ],
    },
  };
  const made = new uPlot(options, plot().data, target);
  made.over.addEventListener('pointerenter', () => (own = true));
  made.over.addEventListener('pointerleave', () => (own = made.cursor.drag !== undefined && made.select.width > 0));
  zoomByTouch(made, events);
  return made;
}

function seriesOf(look: Look, i: number, plot: () => Plot): uPlot.Series {
  const { bars, points } = look;
  return {
    label: look.label,
    scale: `y${look.axis}`,
    stroke: look.line || bars || points ? look.colour : 'transparent',
    width: look.line ? look.width : bars ? 0 : 0,
    fill: bars ? faded(look.colour, 0.85) : look.fill ? faded(look.colour, look.fill) : undefined,
    dash: look.dash,
    paths: pathsOf(look, i, plot),
    points: points
      ? { show: true, size: points.size, width: points.width, fill: points.fill ? look.colour : undefined, stroke: look.colour }
      : { show: false, filter: (u) => lonely(u.data[i + 1] as Values), size: 4, fill: look.colour },
  };
}

function pathsOf(look: Look, i: number, plot: () => Plot): uPlot.Series.PathBuilder | undefined {
  if (look.bars) {
    const floor = (_: uPlot, _series: number, from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_none, at) => plot().layers[i]?.base?.[from + at] ?? 0);
    const ceiling = (u: uPlot, series: number, from: number, to: number) => (u.data[series] as Values).slice(from, to + 1);
    const disp = look.stacked ? { y0: { unit: 1, values: floor }, y1: { unit: 1, values: ceiling } } : undefined;
    return uPlot.paths.bars!({ size: [0.9, look.bars.width, 1], disp });
  }
  if (look.steps) return uPlot.paths.stepped!({ align: 1 });
  if (!look.line) return () => null;
  return uPlot.paths.linear!();
}

/** Values with a gap on both sides: a line cannot show them, so they are drawn as dots. */
function lonely(values: Values): number[] | null {
  const found: number[] = [];
  for (let i = 0; i < values.length; i += 1) {
    if (values[i] != null && values[i - 1] == null && values[i + 1] == null) found.push(i);
  }
  return found.length ? found : null;
}

function timeAxis(zone: () => string, colours: Colours): uPlot.Axis {
  let stepMs = 1000;
  return {
    scale: 'x',
    side: 2,
    size: 20,
    gap: 4,
    font: FONT,
    stroke: colours.muted,
    grid: { stroke: colours.line, width: 1 },
    ticks: { show: false },
    splits: (u, _, fromMs, toMs) => {
      const found = timeTicks(fromMs, toMs, ((toMs - fromMs) / Math.max(1, u.bbox.width / devicePixelRatio)) * 84, zone());
      stepMs = found.stepMs;
      return found.ticks;
    },
    values: (u, ticks) => {
      const labels = ticks.map((atMs) => timeLabel(atMs, stepMs, zone()));
      return labels.map((label, i) => (fits(u, label, ticks[i]) ? label : ''));
    },
  };
}

/** Whether a label centred on its tick stays inside the canvas. */
function fits(u: uPlot, label: string, atMs: number): boolean {
  const at = u.valToPos(atMs, 'x') + u.bbox.left / devicePixelRatio;
  const half = widthOf(u, label) / 2;
  return at - half >= 0 && at + half <= u.width;
}

function widthOf(u: uPlot, label: string): number {
  u.ctx.save();
  u.ctx.font = FONT;
  const { width } = u.ctx.measureText(label);
  u.ctx.restore();
  return width;
}

/** As many decimals as tell ticks of this distance apart. */
function decimalsOf(step: number): number {
  return Math.max(0, Math.min(15, -Math.floor(Math.log10(step) + 1e-9)));
}

function valueScale(index: number, position: number, looks: Look[], yaxes: YAxis[], colours: Colours, log: boolean) {
  const wish = yaxes.find((axis) => axis.index === index);
  const unit = unitOf(wish?.units ?? looks.find((look) => look.axis === index)?.unit);
  const zeroBased = looks.some((look) => look.axis === index && (look.bars || look.fill > 0));
  const key = `y${index}`;
  const right = wish?.position ? wish.position === 'right' : index % 2 === 0;
  let shown: ValueAxis = { min: 0, max: 1, step: 1, ticks: [] };

  const powers: uPlot.Scale = { distr: 3, log: 10, range: (_, low, high) => powersOfTen(low, high) };
  const even: uPlot.Scale = {
    range: (u, low, high) => {
      const ticksMax = Math.max(2, Math.floor(u.height / 40));
      const from = zeroBased && low !== null && low > 0 ? 0 : low;
      shown = valueAxis(from, high, unit, ticksMax, { min: wish?.min, max: wish?.max });
      return [shown.min, shown.max];
    },
  };
  const axis: uPlot.Axis = {
    scale: key,
    side: right ? 1 : 3,
    gap: AXIS_GAP,
    font: FONT,
    stroke: colours.muted,
    grid: { show: position === 0, stroke: colours.line, width: 1 },
    ticks: { show: false },
    label: wish?.label ?? undefined,
    labelFont: FONT,
    labelSize: wish?.label ? 18 : 0,
    labelGap: 2,
    splits: () => (wish?.units?.startsWith('bytes') ? bytesTicks(shown.min, shown.max, shown.step) : shown.ticks),
    values: (_, ticks) => {
      const asked = wish?.units ? askedLabel(wish.units, wish.decimals ?? decimalsOf(shown.step)) : null;
      const largest = Math.max(Math.abs(shown.min), Math.abs(shown.max));
      return ticks.map((tick) => asked?.(tick) ?? formatTick(tick, unit, shown.step, largest));
    },
    size: (u, labels) => {
      const widest = Math.max(0, ...(labels ?? []).map((label) => widthOf(u, label)));
      return Math.max(AXIS_WIDTH_MIN, Math.ceil(widest) + AXIS_GAP + 4);
    },
  };
  if (log) {
    delete axis.splits;
    axis.values = (_, ticks) => ticks.map((tick) => (tick == null ? '' : format(tick, unit)));
  }
  return { key, scale: log ? powers : even, axis };
}

/** Whole powers of ten around the values. */
function powersOfTen(low: number | null, high: number | null): [number, number] {
  const from = 10 ** Math.floor(Math.log10(low || 1) + 1e-9);
  const to = 10 ** Math.ceil(Math.log10(high || 10) - 1e-9);
  return [from, to > from ? to : from * 10];
}

/** Touch: a sideways drag selects a span, a tap moves the cursor; up and down still scrolls the page. */
function zoomByTouch(u: uPlot, events: PlotEvents): void {
  let startX: number | null = null;
  const xOf = (event: PointerEvent) =>
    Math.max(0, Math.min(u.over.clientWidth, event.clientX - u.over.getBoundingClientRect().left));
  const clear = () => {
    startX = null;
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  };
  u.over.addEventListener('pointerdown', (event) => {
    if (event.pointerType !== 'touch' || !event.isPrimary) return;
    startX = xOf(event);
    u.setCursor({ left: startX, top: 0 });
  });
  u.over.addEventListener('pointermove', (event) => {
    if (startX === null || event.pointerType !== 'touch') return;
    const x = xOf(event);
    u.setCursor({ left: x, top: 0 });
    u.setSelect({ left: Math.min(x, startX), top: 0, width: Math.abs(x - startX), height: u.over.clientHeight }, false);
  });
  u.over.addEventListener('pointerup', (event) => {
    if (startX === null || event.pointerType !== 'touch') return;
    const [left, right] = [startX, xOf(event)].sort((a, b) => a - b);
    clear();
    if (right - left > 12) events.zoom(u.posToVal(left, 'x'), u.posToVal(right, 'x'));
  });
  u.over.addEventListener('pointercancel', clear);
}
