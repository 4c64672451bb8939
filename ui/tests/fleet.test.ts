import { expect, it } from 'vitest';
import type { FleetRow } from '../src/lib/api';
import { parseFilter } from '../src/lib/fleet';

const row = (host: string, more: Partial<FleetRow> = {}) =>
  ({
    host,
    cpu_ratio: 0.5,
    memory_ratio: 0.9,
    disk_ratio: null,
    load1: 2,
    network_receive_bytes_per_second: 2e6,
    network_transmit_bytes_per_second: null,
    ...more,
  }) as FleetRow;

it('words match names, limits match values, all must hold', () => {
  const cases: [string, boolean][] = [
    ['', true],
    ['web', true],
    ['web*', true],
    ['*.net', true],
    ['eb*', false],
    ['db', false],
    ['WEB1', true],
    ['cpu>40', true],
    ['cpu>50', false],
    ['cpu>=50%', true],
    ['mem<80', false],
    ['load<=2', true],
    ['net>1M', true],
    ['net>1g', false],
    ['disk<99', false],
    ['web* cpu>40 mem>80', true],
    ['web* cpu>90', false],
    ['a.b', false],
  ];
  for (const [text, wanted] of cases) expect(parseFilter(text).test!(row('web1.example.net')), text).toBe(wanted);
});

it('names the word that makes no sense', () => {
  for (const word of ['cpu>', 'cpu>x', 'speed>3', '>80', 'cpu>80q']) expect(parseFilter(`web ${word}`)).toEqual({ wrong: word });
});
