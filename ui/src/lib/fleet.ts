/** The filter line of the fleet: words match names, `*` stands for anything, `cpu>80` sets a limit. */
import type { FleetRow } from './api';

type Test = (row: FleetRow) => boolean;

/** What a limit may be about, in the unit a person types: percent, load, bytes each second. */
const FIELDS: Record<string, (row: FleetRow) => number | null> = {
  cpu: (row) => percent(row.cpu_ratio),
  mem: (row) => percent(row.memory_ratio),
  memory: (row) => percent(row.memory_ratio),
  disk: (row) => percent(row.disk_ratio),
  load: (row) => row.load1,
  net: (row) => traffic(row),
  network: (row) => traffic(row),
};

const SUFFIX: Record<string, number> = { '': 1, '%': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

function percent(ratio: number | null): number | null {
  return ratio === null ? null : ratio * 100;
}

/** Both directions together. */
export function traffic(row: FleetRow): number | null {
  const { network_receive_bytes_per_second: received, network_transmit_bytes_per_second: sent } = row;
  return received === null && sent === null ? null : (received ?? 0) + (sent ?? 0);
}

/** A filter, or the word of it that makes no sense. */
export type Filter = { test: Test; wrong?: undefined } | { test?: undefined; wrong: string };

export function parseFilter(text: string): Filter {
  const tests: Test[] = [];
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const test = /[<>=]/.test(word) ? limit(word) : name(word);
    if (!test) return { wrong: word };
    tests.push(test);
  }
  return { test: (row) => tests.every((test) => test(row)) };
}

function limit(word: string): Test | null {
  const match = word.match(/^([a-z]+)(>=|<=|>|<)(\d+(?:\.\d+)?)([a-z%]?)$/i);
  const read = match && FIELDS[match[1].toLowerCase()];
  const factor = match && SUFFIX[match[4].toLowerCase()];
  if (!match || !read || factor == null) return null;
  const bound = Number(match[3]) * factor;
  return (row) => {
    const value = read(row);
    if (value === null) return false;
    if (match[2] === '>') return value > bound;
    if (match[2] === '<') return value < bound;
    return match[2] === '>=' ? value >= bound : value <= bound;
  };
}

function name(word: string): Test {
  const escaped = word.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  const pattern = new RegExp(word.includes('*') ? `^${escaped}$` : escaped, 'i');
  return (row) => pattern.test(row.host);
}
