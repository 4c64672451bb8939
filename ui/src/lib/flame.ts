/** Folded stacks as a tree of calls, and what of it fits on a screen. */

/** A function called by the one above it. */
export interface Frame {
  name: string;
  /** Time in it and in all it called, in µs. */
  total: number;
  /** Time in it alone, in µs. */
  own: number;
  /** 0 for the whole profile, 1 for threads. */
  depth: number;
  /** Where it begins among everything, in µs. */
  start: number;
  parent: Frame | null;
  /** The heaviest first. */
  children: Frame[];
}

/** Reads lines `thread;function;function µs`; what is none is passed over. */
export function parse(folded: string): Frame {
  const make = (name: string, parent: Frame | null): Frame => ({
    name,
    total: 0,
    own: 0,
    depth: parent ? parent.depth + 1 : 0,
    start: 0,
    parent,
    children: [],
  });
  const root = make('', null);
  const known = new Map<Frame, Map<string, Frame>>();
  for (const line of folded.split('\n')) {
    const cut = line.lastIndexOf(' ');
    const us = Number(line.slice(cut + 1));
    if (cut < 1 || !Number.isFinite(us)) continue;
    let at = root;
    at.total += us;
    for (const name of line.slice(0, cut).split(';')) {
      let children = known.get(at);
      if (!children) known.set(at, (children = new Map()));
      let child = children.get(name);
      if (!child) {
        children.set(name, (child = make(name, at)));
        at.children.push(child);
      }
      child.total += us;
      at = child;
    }
    at.own += us;
  }
  order(root);
  return root;
}

function order(frame: Frame): void {
  frame.children.sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1));
  let start = frame.start;
  for (const child of frame.children) {
    child.start = start;
    start += child.total;
    order(child);
  }
}

/** A frame on the screen: where it begins and how wide it is, as shares of the whole width. */
export interface Box {
  frame: Frame;
  left: number;
  width: number;
}

/** What is seen when `focus` fills the width: those that called it, itself, and what it called that is wide enough. */
export function boxes(focus: Frame, widthMin: number): Box[] {
  const seen: Box[] = [];
  for (let above = focus.parent; above; above = above.parent) seen.unshift({ frame: above, left: 0, width: 1 });
  const below = (frame: Frame): void => {
    const width = frame.total / (focus.total || 1);
    if (width < widthMin) return;
    seen.push({ frame, left: (frame.start - focus.start) / (focus.total || 1), width });
    frame.children.forEach(below);
  };
  below(focus);
  return seen;
}

/** The frame at the same place of another tree, or the last one on the way to it. */
export function same(root: Frame, wanted: Frame): Frame {
  const names: string[] = [];
  for (let at: Frame = wanted; at.parent; at = at.parent) names.unshift(at.name);
  let found = root;
  for (const name of names) {
    const next = found.children.find((child) => child.name === name);
    if (!next) break;
    found = next;
  }
  return found;
}

/** Time of a function wherever it was called. */
export interface Row {
  name: string;
  own: number;
  total: number;
}

/** Every function, that with the most time of its own first. A function that calls itself counts once. */
export function rows(root: Frame): Row[] {
  const all = new Map<string, Row>();
  const above = new Set<string>();
  const walk = (frame: Frame): void => {
    let row = all.get(frame.name);
    if (!row) all.set(frame.name, (row = { name: frame.name, own: 0, total: 0 }));
    row.own += frame.own;
    const first = !above.has(frame.name);
    if (first) {
      row.total += frame.total;
      above.add(frame.name);
    }
    frame.children.forEach(walk);
    if (first) above.delete(frame.name);
  };
  // Threads are no functions.
  for (const thread of root.children) {
    if (!thread.children.length && isStandIn(thread.name)) walk(thread);
    thread.children.forEach(walk);
  }
  return [...all.values()].sort((a, b) => b.own - a.own || b.total - a.total);
}

/** Time of all frames whose name has a text in it; those below one are in it already. */
export function matching(root: Frame, text: string): number {
  const wanted = text.toLowerCase();
  const walk = (frame: Frame): number =>
    matches(frame, wanted) ? frame.total : frame.children.reduce((sum, child) => sum + walk(child), 0);
  return wanted ? walk(root) : 0;
}

/** Whether a frame's name has a text, given in small letters, in it. */
export function matches(frame: Frame, wanted: string): boolean {
  return frame.depth > 0 && frame.name.toLowerCase().includes(wanted);
}

/** Whether a name stands for something that is no function: `[kernel]`, `[not seen]`. */
export function isStandIn(name: string): boolean {
  return name.startsWith('[');
}

/** The crate or library a function is of, `` for one of C. */
export function crateOf(name: string): string {
  return /^<*&?(?:mut |dyn )*(\w+)::/.exec(name)?.[1] ?? '';
}

/** A name short enough for a box: the type and the function, without their paths and generics. */
export function shortName(name: string): string {
  if (isStandIn(name)) return name;
  const implemented = /^<(.+?) as .+>::(.+)$/.exec(name);
  const whole = implemented ? `${implemented[1]}::${implemented[2]}` : name;
  let flat = whole;
  for (let before = ''; before !== flat;) {
    before = flat;
    flat = flat.replace(/(?:::)?<[^<>]*>/g, '');
  }
  const parts = (flat.replace(/::(\{\{[^}]*\}\}|\{closure#\d+\})/g, '') || whole).split('::').filter(Boolean);
  return parts.slice(-2).join('::') || name;
}
