/** The words of a Timelion expression, for colours and for knowing where the caret stands. Never fails: what it does not know is text. */

export type TokenKind = 'function' | 'argument' | 'string' | 'number' | 'reference' | 'punctuation' | 'text';

export interface Token {
  kind: TokenKind;
  start: number;
  end: number;
}

const PATTERNS: [TokenKind, RegExp][] = [
  ['text', /\s+/y],
  ['string', /"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?/y],
  ['function', /\.[a-z_][\w]*(?=\s*\()/iy],
  ['argument', /[a-z_]\w*(?=\s*=)/iy],
  ['reference', /@\d+(?::\d+)?|\$\w+/y],
  ['number', /[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w:])/iy],
  ['punctuation', /[(),=]/y],
  ['text', /[^\s(),="'.]+|\./y],
];

/** Every character of the text, in tokens that follow each other without a hole. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const token = tokenAt(text, at);
    found.push(token);
    at = token.end;
  }
  return found;
}

function tokenAt(text: string, start: number): Token {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = start;
    const match = pattern.exec(text);
    if (match?.[0]) return { kind, start, end: start + match[0].length };
  }
  return { kind: 'text', start, end: start + 1 };
}

/** A piece of text in one colour, with or without the mark of an error. */
export interface Piece {
  kind: TokenKind;
  text: string;
  wrong: boolean;
}

/** The text in coloured pieces, cut where an error begins and ends. An error at the end of the text marks a space behind it. */
export function pieces(text: string, wrong: { start: number; end: number } | null): Piece[] {
  const from = wrong ? Math.min(wrong.start, text.length) : Infinity;
  const to = wrong ? Math.max(wrong.end, from + 1) : -Infinity;
  const found: Piece[] = [];
  for (const { kind, start, end } of tokens(text)) {
    const cuts = [start, from, to, end].filter((at) => at >= start && at <= end).sort((a, b) => a - b);
    for (let i = 1; i < cuts.length; i += 1) {
      if (cuts[i] === cuts[i - 1]) continue;
      found.push({ kind, text: text.slice(cuts[i - 1], cuts[i]), wrong: cuts[i - 1] >= from && cuts[i] <= to });
    }
  }
  if (from === text.length && wrong) found.push({ kind: 'text', text: ' ', wrong: true });
  return found;
}

/** The call whose arguments the caret stands in. */
export interface Call {
  name: string;
  /** The name of the argument when it is written, else its position. */
  argument: string | number;
}

/** The innermost call around a place in the text, null when there is none. */
export function callAt(text: string, cursor: number): Call | null {
  interface Open {
    name: string | null;
    position: number;
    named: string | null;
  }
  const open: Open[] = [];
  let name: string | null = null;
  for (const { kind, start, end } of tokens(text.slice(0, cursor))) {
    const word = text.slice(start, end);
    const top = open.at(-1);
    if (kind === 'function') name = word.slice(1);
    else if (word === '(') {
      open.push({ name, position: 0, named: null });
      name = null;
    } else if (word === ')') open.pop();
    else if (word === ',' && top) {
      top.position += 1;
      top.named = null;
    } else if (word === '=' || word.trim() === '') continue;
    else if (top && kind === 'argument') top.named = word;
  }
  const inner = open.at(-1);
  return inner?.name ? { name: inner.name, argument: inner.named ?? inner.position } : null;
}
