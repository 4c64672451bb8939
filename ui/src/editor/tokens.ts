/** The words of an expression, for colours and for knowing where the caret stands. Never fails: what it does not know is text. */

import type { Language } from './languages';

export type TokenKind = 'function' | 'argument' | 'label' | 'string' | 'number' | 'reference' | 'punctuation' | 'text';

export interface Token {
  kind: TokenKind;
  start: number;
  end: number;
}

type Patterns = [TokenKind, RegExp][];

const SPACE: Patterns[number] = ['text', /\s+/y];
const STRING: Patterns[number] = ['string', /"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?/y];
const ARGUMENT: Patterns[number] = ['argument', /[a-z_]\w*(?=\s*=(?![=~]))/iy];
const CALL: Patterns[number] = ['function', /[a-z_]\w*(?=\s*\()/iy];

const PATTERNS: Record<Language, Patterns> = {
  timelion: [
    SPACE,
    STRING,
    ['function', /\.[a-z_][\w]*(?=\s*\()/iy],
    ARGUMENT,
    ['reference', /@\d+(?::\d+)?|\$\w+/y],
    ['number', /[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w:])/iy],
    ['punctuation', /[(),=]/y],
    ['text', /[^\s(),="'.]+|\./y],
  ],
  promql: [
    SPACE,
    ['string', /"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|`[^`]*`?/y],
    ['text', /#[^\n]*/y],
    [
      'reference',
      /@|\b(?:by|without|on|ignoring|group_left|group_right|offset|bool|and|or|unless|atan2|fill(?:_left|_right)?)\b/iy,
    ],
    ['function', /[a-z_]\w*(?=\s*\(|\s+(?:by|without)\b)/iy],
    ['label', /[a-z_]\w*(?=\s*(?:=~|!~|!=|=(?!=)))/iy],
    ['number', /0x[\da-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+|(?:ms|[smhdwy])(?:\d+(?:ms|[smhdwy]))*)?(?!\w)/iy],
    ['text', /[a-z_:][\w:]*/iy],
    ['punctuation', /[(){}[\],]|[=!<>~+*/%^:-]+/y],
    ['text', /[^\s]/y],
  ],
  graphite: [
    SPACE,
    STRING,
    CALL,
    ARGUMENT,
    ['number', /[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w.*?[{:-])/iy],
    ['punctuation', /[(),=|]/y],
    // A comma in braces is part of the path.
    ['text', /(?:\{[^{}]*\}?|[^\s(),="'|{])+/y],
  ],
  rpn: [
    SPACE,
    ['argument', /[a-z_]\w*(?==)/iy],
    ['reference', /\b(?:DEF|CDEF|VDEF|XPORT)(?=:)/y],
    ['number', /[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w.])/iy],
    ['function', /\b[A-Z][A-Z0-9_]+\b/y],
    ['string', /"(?:\\.|[^"\\])*"?/y],
    ['punctuation', /[,:=+*/%-]/y],
    ['text', /[^\s,:=]+/y],
  ],
};

/** Every character of the text, in tokens that follow each other without a hole. */
export function tokens(text: string, language: Language): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const token = tokenAt(text, at, PATTERNS[language]);
    found.push(token);
    at = token.end;
  }
  return found;
}

function tokenAt(text: string, start: number, patterns: Patterns): Token {
  for (const [kind, pattern] of patterns) {
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
export function pieces(text: string, language: Language, wrong: { start: number; end: number } | null): Piece[] {
  const from = wrong ? Math.min(wrong.start, text.length) : Infinity;
  const to = wrong ? Math.max(wrong.end, from + 1) : -Infinity;
  const found: Piece[] = [];
  for (const { kind, start, end } of tokens(text, language)) {
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
export function callAt(text: string, cursor: number, language: Language): Call | null {
  interface Open {
    name: string | null;
    position: number;
    named: string | null;
    /** The function whose grouping (`by (...)`) this is. */
    groups: string | null;
  }
  const open: Open[] = [];
  let name: string | null = null;
  let groups: string | null = null;
  for (const { kind, start, end } of tokens(text.slice(0, cursor), language)) {
    const word = text.slice(start, end);
    const top = open.at(-1);
    if (kind === 'function') name = word.replace(/^\./, '');
    else if (kind === 'reference') [name, groups] = [null, name];
    else if (word === '(' || word === '{') {
      open.push({ name, position: 0, named: null, groups });
      name = groups = null;
    } else if (word === ')' || word === '}') name = open.pop()?.groups ?? null;
    else if (word === ',' && top) {
      top.position += 1;
      top.named = null;
    } else if (word === '=' || word.trim() === '') continue;
    else if (top && kind === 'argument') top.named = word;
  }
  const inner = open.at(-1);
  return inner?.name ? { name: inner.name, argument: inner.named ?? inner.position } : null;
}
