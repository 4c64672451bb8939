import { expect, it } from 'vitest';
import { boxes, crateOf, matching, parse, rows, same, shortName } from '../src/lib/flame';

const FOLDED = `collect;run 5
collect;run;read 10
collect;run;read;[kernel] 2
ship;send;read 3
[not seen] 4

broken
`;
const root = parse(FOLDED);
const at = (...names: string[]) => names.reduce((frame, name) => frame.children.find((one) => one.name === name)!, root);

it('folded stacks become a tree whose times add up', () => {
  expect([root.total, at('collect').total, at('collect', 'run').own, at('collect', 'run', 'read').total]).toEqual([
    24, 17, 5, 12,
  ]);
  expect(root.children.map((one) => one.name)).toEqual(['collect', '[not seen]', 'ship']);
  expect(at('ship', 'send').start).toBe(21);
  expect(parse('').total).toBe(0);
});

it('a frame in focus fills the width below those that called it', () => {
  const seen = boxes(at('collect', 'run'), 0.2);
  expect(seen.map((box) => [box.frame.name, box.left, +box.width.toFixed(2)])).toEqual([
    ['', 0, 1],
    ['collect', 0, 1],
    ['run', 0, 1],
    ['read', 0, 0.71],
  ]);
  expect(boxes(root, 0).length).toBe(9);
  expect(same(parse('collect;run;other 1\n'), at('collect', 'run', 'read')).name).toBe('run');
});

it('functions are summed wherever they are called, once where they call themselves', () => {
  expect(rows(root)).toEqual([
    { name: 'read', own: 13, total: 15 },
    { name: 'run', own: 5, total: 17 },
    { name: '[not seen]', own: 4, total: 4 },
    { name: '[kernel]', own: 2, total: 2 },
    { name: 'send', own: 0, total: 3 },
  ]);
  expect(rows(parse('t;a;b;a 3\n'))[0]).toEqual({ name: 'a', own: 3, total: 3 });
  expect([matching(root, 'READ'), matching(root, 'r'), matching(root, '')]).toEqual([15, 20, 0]);
});

it('names are short in a box and belong to a crate', () => {
  const names: [string, string, string][] = [
    ['collect::schedule::Scheduler::run', 'Scheduler::run', 'collect'],
    ['<collect::cpu::Cpu as collect::Collector>::collect', 'Cpu::collect', 'collect'],
    ['alloc::vec::Vec<T,A>::push', 'Vec::push', 'alloc'],
    ['core::ptr::drop_in_place<[(alloc::vec::Vec<u8>,b::C)]>', 'ptr::drop_in_place', 'core'],
    ['windhover::role::agent::run::{{closure}}', 'agent::run', 'windhover'],
    ['__libc_malloc', '__libc_malloc', ''],
    ['[kernel]', '[kernel]', ''],
  ];
  for (const [name, short, crate] of names) expect([shortName(name), crateOf(name)]).toEqual([short, crate]);
});
