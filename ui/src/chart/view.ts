/** How a person wants to see charts, over what an expression says of itself; kept in the URL. */

export const STYLES = ['auto', 'lines', 'area', 'stack', 'steps', 'bars', 'points'] as const;
export type Style = (typeof STYLES)[number];

/** Units worth offering; '' leaves it to the series. */
export const UNITS = [
  '',
  'count',
  'count/s',
  'bytes',
  'bytes/s',
  'bits',
  'bits/s',
  'seconds',
  'milliseconds',
  'ratio',
  'percent',
  'celsius',
  'hertz',
  'watts',
] as const;

/** Steps worth offering; 'auto' leaves it to the width of the chart. */
export const STEPS = ['auto', '1s', '5s', '10s', '30s', '1m', '5m', '15m', '1h', '6h', '1d', '1w'] as const;

export interface View {
  style: Style;
  /** Powers of ten stand equally far apart. */
  log: boolean;
  unit: string;
}

export const PLAIN: View = { style: 'auto', log: false, unit: '' };

/** What the query of a URL asks for; what is unknown is as if it were not there. */
export function viewOf(query: URLSearchParams): View {
  const style = STYLES.find((one) => one === query.get('style')) ?? 'auto';
  return { style, log: query.get('scale') === 'log', unit: query.get('unit') ?? '' };
}

/** The step a URL asks for. */
export function stepOf(query: URLSearchParams): string {
  const step = query.get('step') ?? 'auto';
  return /^\d+(ms|s|m|h|d|w|M|y)$/.test(step) ? step : 'auto';
}
