import { describe, expect, it } from 'vitest';
import { LANGUAGES, type Language } from '../src/editor/languages';
import { callAt, pieces, tokens } from '../src/editor/tokens';

const kinds = (text: string, language: Language = 'timelion') =>
  tokens(text, language)
    .filter((token) => text.slice(token.start, token.end).trim())
    .map((token) => `${token.kind}:${text.slice(token.start, token.end)}`);

describe('tokens', () => {
  it('name the parts of an expression', () => {
    expect(kinds(`.es(q='host:a', metric=avg:cpu).movingaverage(10), @1:2 $x`)).toEqual([
      'function:.es',
      'punctuation:(',
      'argument:q',
      'punctuation:=',
      "string:'host:a'",
      'punctuation:,',
      'argument:metric',
      'punctuation:=',
      'text:avg:cpu',
      'punctuation:)',
      'function:.movingaverage',
      'punctuation:(',
      'number:10',
      'punctuation:)',
      'punctuation:,',
      'reference:@1:2',
      'reference:$x',
    ]);
  });
  it('are those of each language', () => {
    expect(kinds('sum by (host) (rate(a{b=~"c"}[5m]))', 'promql')).toEqual([
      'function:sum',
      'reference:by',
      'punctuation:(',
      'text:host',
      'punctuation:)',
      'punctuation:(',
      'function:rate',
      'punctuation:(',
      'text:a',
      'punctuation:{',
      'label:b',
      'punctuation:=~',
      'string:"c"',
      'punctuation:}',
      'punctuation:[',
      'number:5m',
      'punctuation:]',
      'punctuation:)',
      'punctuation:)',
    ]);
    expect(kinds("scale(web*.cpu.{a,b}, 0.5)|alias('x')", 'graphite')).toContain('number:0.5');
    expect(kinds('DEF:a=load1 CDEF:b=a,2,*', 'rpn').slice(0, 4)).toEqual([
      'reference:DEF',
      'punctuation::',
      'argument:a',
      'punctuation:=',
    ]);
  });
  it('cover every character of any text, also of broken ones', () => {
    const alphabet = `.es(q='"=,) \\@$1-\n\tä💡:a{}[]~|#D5m`;
    let seed = 7;
    for (let round = 0; round < 2000; round += 1) {
      let text = '';
      for (let i = 0; i < 20; i += 1) {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        text += alphabet[seed % alphabet.length];
      }
      let at = 0;
      const { name } = LANGUAGES[round % LANGUAGES.length];
      for (const token of tokens(text, name)) {
        expect(token.start).toBe(at);
        expect(token.end).toBeGreaterThan(at);
        at = token.end;
      }
      expect(at).toBe(text.length);
      expect(
        pieces(text, name, { start: 3, end: 9 })
          .map((piece) => piece.text)
          .join(''),
      ).toBe(text);
      callAt(text, 11, name);
    }
  });
});

describe('an error', () => {
  it('is marked at its place, across tokens', () => {
    expect(pieces('.foo(1)', 'timelion', { start: 0, end: 4 })[0]).toEqual({ kind: 'function', text: '.foo', wrong: true });
    expect(
      pieces('.es(avg:cpu)', 'timelion', { start: 5, end: 7 })
        .filter((piece) => piece.wrong)
        .map((piece) => piece.text),
    ).toEqual(['vg']);
    expect(
      pieces('.a(1).b(2)', 'timelion', { start: 2, end: 7 })
        .filter((piece) => piece.wrong)
        .map((piece) => piece.text)
        .join(''),
    ).toBe('(1).b');
  });
  it('at the end of the text marks a space behind it', () => {
    expect(pieces('.es(', 'timelion', { start: 4, end: 4 }).at(-1)).toEqual({ kind: 'text', text: ' ', wrong: true });
  });
});

describe('the call around the caret', () => {
  const at = (marked: string, language: Language = 'timelion') => callAt(marked.replace('|', ''), marked.indexOf('|'), language);
  it('is the innermost open one, with its argument', () => {
    expect(at('.es(|')).toEqual({ name: 'es', argument: 0 });
    expect(at('.es(a, |')).toEqual({ name: 'es', argument: 1 });
    expect(at('.es(q=a, metric=av|')).toEqual({ name: 'es', argument: 'metric' });
    expect(at('.es(q=a, metric=avg:x, |')).toEqual({ name: 'es', argument: 2 });
    expect(at('.es().sum(.es(q=|))')).toEqual({ name: 'es', argument: 'q' });
    expect(at('.es(q=a)|')).toBeNull();
    expect(at('.es(")|")')).toEqual({ name: 'es', argument: 0 });
    expect(at('(|')).toBeNull();
    expect(at('sum by (host) (rate(a{b="(",c=~"d"}[5m|]))', 'promql')).toEqual({ name: 'rate', argument: 0 });
    expect(at('aliasByNode(movingAverage(a.b.{c,d}, 5|)', 'graphite')).toEqual({ name: 'movingAverage', argument: 1 });
    expect(at('sum by (host) (a|)', 'promql')).toEqual({ name: 'sum', argument: 0 });
    expect(at('rate(a{b=|', 'promql')).toBeNull();
  });
});
