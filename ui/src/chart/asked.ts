/** Axes as an expression asks for them (`.yaxis(units=…, tickDecimals=…)`), with the texts and ticks of Kibana's Timelion. */

const BITS = ['b', 'kb', 'mb', 'gb', 'tb', 'pb'];
const BYTES = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** What a tick says, for the units an expression names; null for units that have no text of their own. */
export function askedLabel(units: string, decimals: number | null): ((value: number) => string) | null {
  const [kind, first = '', second = ''] = units.split(':');
  switch (kind) {
    case 'bits':
      return (value) => scaled(value, 1000, BITS);
    case 'bits/s':
      return (value) => `${scaled(value, 1000, BITS)}/s`;
    case 'bytes':
      return (value) => scaled(value, 1024, BYTES);
    case 'bytes/s':
      return (value) => `${scaled(value, 1024, BYTES)}/s`;
    case 'percent':
      return (value) => `${(value * 100).toFixed(Math.max(0, (decimals ?? 0) - 2))}%`;
    case 'currency': {
      const currency = first || 'USD';
      const money = new Intl.NumberFormat('en', { style: 'currency', currency });
      return (value) => money.format(value);
    }
    case 'custom':
      return (value) => first + rounded(value, decimals) + second;
    default:
      return null;
  }
}

/** Ticks of bytes on whole powers of two, as far apart as a library of charts proposed. */
export function bytesTicks(min: number, max: number, apart: number): number[] {
  let unit = 1;
  while (Math.abs(apart) / unit >= 1024) unit *= 1024;
  let step = 2 * unit;
  while (step < apart && step < 1024 * unit) step *= 2;
  const ticks = [Math.floor(min / step) * step];
  while (ticks[ticks.length - 1] < max) ticks.push(ticks[ticks.length - 1] + step);
  return ticks;
}

function scaled(value: number, base: number, units: string[]): string {
  let size = Math.abs(value);
  let at = 0;
  while (size >= base && at < units.length - 1) {
    size /= base;
    at += 1;
  }
  const number = Math.round(size * 100) / 100;
  return `${value < 0 && number !== 0 ? '-' : ''}${number}${units[at]}`;
}

function rounded(value: number, decimals: number | null): string {
  if (decimals === null) return String(Math.round(value));
  const factor = 10 ** decimals;
  return (Math.round(value * factor) / factor).toFixed(decimals);
}
