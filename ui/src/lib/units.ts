/** Numbers with their units: bytes by 1024, bits and counts by 1000, ratios as percent, seconds by the clock. */

type Kind = 'count' | 'bytes' | 'bits' | 'ratio' | 'percent' | 'seconds' | 'affix';

/** How a unit is written. */
export interface Unit {
  kind: Kind;
  /** Written before the number. */
  prefix: string;
  /** Written after the number and its SI or binary prefix. */
  suffix: string;
  /** What one of the unit is in the kind's own: 0.001 for milliseconds. */
  factor: number;
}

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

/** Non-breaking, so that a number and its unit stay on one line. */
const NBSP = '\u00a0';

/** Reads the name of a unit as the server or a `.yaxis(units=…)` writes it. An unknown name stands behind the number as it is. */
export function unitOf(name: string | null | undefined): Unit {
  const text = (name ?? '').trim();
  const plain = (kind: Kind, suffix: string, factor = 1): Unit => ({ kind, prefix: '', suffix, factor });
  if (text.startsWith('custom:')) {
    const [, prefix = '', suffix = ''] = text.split(':');
    return { kind: 'count', prefix, suffix, factor: 1 };
  }
  if (text.startsWith('currency')) return { kind: 'affix', prefix: '', suffix: text.split(':')[1] ?? '', factor: 1 };
  const perSecond = /(_per_second|\/s)$/.test(text);
  const rate = perSecond ? '/s' : '';
  const stem = text.replace(/(_per_second|\/s)$/, '');
  switch (stem) {
    case '':
    case 'count':
    case 'none':
      return plain('count', rate);
    case 'bytes':
      return plain('bytes', `B${rate}`);
    case 'bits':
      return plain('bits', perSecond ? 'bit/s' : 'bit');
    case 'ratio':
      return plain('ratio', '%');
    case 'percent':
      return plain('percent', '%');
    case 'seconds':
      return perSecond ? plain('affix', 's/s') : plain('seconds', 's');
    case 'milliseconds':
    case 'ms':
      return plain('seconds', 's', 0.001);
    case 'microseconds':
      return plain('seconds', 's', 1e-6);
    case 'celsius':
      return plain('affix', '°C');
    case 'hertz':
      return plain('bits', 'Hz');
    case 'volts':
      return plain('affix', 'V');
    case 'watts':
      return plain('affix', 'W');
    case 'cores':
      return plain('affix', stem);
    default:
      return plain('count', ` ${stem}${rate}`);
  }
}

/** A value with its unit, about three significant digits: `1.23 GiB`, `42.1 %`, `3.2 ms`. `–` when there is none. */
export function format(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return write(value, unit, (scaled) => significant(scaled));
}

/** The label of a tick: as many decimals as the distance of the ticks needs, all ticks in one prefix. */
export function formatTick(value: number, unit: Unit, step: number, largest: number): string {
  if (value === 0 && unit.suffix !== '°C') return unit.kind === 'ratio' || unit.kind === 'percent' ? `0${NBSP}%` : '0';
  const { divisor } = scaleOf(Math.abs(largest) || Math.abs(value), unit);
  const scaledStep = Math.abs(step / divisor);
  const decimals = Math.max(0, Math.min(6, -Math.floor(Math.log10(scaledStep) + 1e-9)));
  const exact = Number.isInteger(Number((scaledStep * 10 ** decimals).toFixed(6))) ? decimals : decimals + 1;
  return write(value, unit, (scaled) => scaled.toFixed(exact), Math.abs(largest));
}

function write(value: number, unit: Unit, digits: (scaled: number) => string, size = Math.abs(value)): string {
  const { divisor, prefix } = scaleOf(size, unit);
  const number = digits(value / divisor).replace('-', '−');
  const suffix = prefix + unit.suffix.trimStart();
  return `${unit.prefix}${number}${suffix ? NBSP + suffix : ''}`;
}

/** By what a value is divided, and what is written before its unit. */
function scaleOf(size: number, unit: Unit): { divisor: number; prefix: string } {
  switch (unit.kind) {
    case 'bytes':
      return power(size, 1024, BINARY);
    case 'count':
    case 'bits':
      return power(size, 1000, DECIMAL);
    case 'ratio':
      return { divisor: 0.01, prefix: '' };
    case 'seconds': {
      const seconds = size * unit.factor;
      if (seconds > 0 && seconds < 1e-3) return { divisor: 1e-6 / unit.factor, prefix: 'µ' };
      if (seconds > 0 && seconds < 1) return { divisor: 1e-3 / unit.factor, prefix: 'm' };
      return { divisor: 1 / unit.factor, prefix: '' };
    }
    default:
      return { divisor: 1, prefix: '' };
  }
}

function power(size: number, base: number, prefixes: string[]): { divisor: number; prefix: string } {
  let divisor = 1;
  let i = 0;
  // 999.5 is written 1.00 k: rounding to three digits must not show "1000".
  while (i < prefixes.length - 1 && size >= divisor * base * (base === 1000 ? 0.9995 : 1)) {
    divisor *= base;
    i += 1;
  }
  return { divisor, prefix: prefixes[i] };
}

/** About three digits. Not an integer: always the same decimals, so that a live number does not twitch. */
function significant(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return value.toFixed(0);
  if (size < 0.001) return size < 1e-6 ? value.toExponential(1) : value.toPrecision(2);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.1 ? 2 : 3);
}

/** How much a value is, in words short enough for a table: `12 d 4 h`, `42 s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const steps: [number, string][] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  for (let i = 0; i < steps.length; i += 1) {
    const [size, name] = steps[i];
    if (seconds < size && size > 1) continue;
    const whole = Math.floor(seconds / size);
    const next = steps[i + 1];
    const rest = next && whole < 10 ? Math.floor((seconds % size) / next[0]) : 0;
    return `${whole}${NBSP}${name}${rest ? ` ${rest}${NBSP}${next[1]}` : ''}`;
  }
  return `0${NBSP}s`;
}

/** An interval as the server writes it, `10s`, with a space before its unit. */
export function spaced(interval: string): string {
  return interval.replace(/(\d)([a-z])/gi, `$1${NBSP}$2`);
}

/** A count with thin thousands: `1 234 567`. */
export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u202f');
}
