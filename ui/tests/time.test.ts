import { describe, expect, it } from 'vitest';
import { isDay, nextDay, parseMoment, parseRange, TimeError, type Edge } from '../src/lib/time';
import { clockText, dayText, instantMs, momentText, offsetText, wallMs } from '../src/lib/zone';
import vectors from './time-vectors.json';

const nowMs = Date.parse(vectors.now);

describe('moments', () => {
  for (const { text, zone = 'UTC', edge = 'start', at, error } of vectors.moments as {
    text: string;
    zone?: string;
    edge?: Edge;
    at?: string;
    error?: boolean;
  }[]) {
    it(`${JSON.stringify(text)} in ${zone} at the ${edge}`, () => {
      if (error) expect(() => parseMoment(text, { nowMs, zone }, edge)).toThrow(TimeError);
      else expect(new Date(parseMoment(text, { nowMs, zone }, edge)).toISOString()).toBe(at);
    });
  }
});

describe('ranges', () => {
  for (const { text, from, to, error } of vectors.ranges as { text: string; from?: string; to?: string; error?: boolean }[]) {
    it(JSON.stringify(text), () => {
      if (error) expect(() => parseRange(text, { nowMs, zone: 'UTC' })).toThrow(TimeError);
      else expect(parseRange(text, { nowMs, zone: 'UTC' })).toEqual({ from, to });
    });
  }
});

describe('days', () => {
  it('follow each other over months and leap years', () => {
    expect(nextDay('2026-12-31')).toBe('2027-01-01');
    expect(nextDay('2024-02-28')).toBe('2024-02-29');
    expect(nextDay('2026-11-21', -21)).toBe('2026-10-31');
  });
  it('are recognised as a range', () => {
    expect(isDay({ from: '2026-11-21', to: '2026-11-22' })).toBe(true);
    expect(isDay({ from: '2026-11-21', to: '2026-11-23' })).toBe(false);
    expect(isDay({ from: 'now-1d', to: 'now' })).toBe(false);
  });
});

describe('zones', () => {
  it('go there and back through a whole year, clock changes included', () => {
    for (const zone of ['Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Australia/Lord_Howe']) {
      for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += 5_400_000) {
        const back = instantMs(zone, wallMs(zone, at));
        // In the repeated hour the first of the two is meant.
        expect(wallMs(zone, back)).toBe(wallMs(zone, at));
        expect(Math.abs(back - at)).toBeLessThanOrEqual(3_600_000);
      }
    }
  });
  it('write what the wall shows', () => {
    const at = Date.parse('2026-11-21T23:05:09Z');
    expect(momentText('Europe/Berlin', at)).toBe('2026-11-22 00:05:09');
    expect(dayText('UTC', at)).toBe('2026-11-21');
    expect(clockText('America/St_Johns', at, false)).toBe('19:35');
    expect(offsetText('America/St_Johns', at)).toBe('−03:30');
  });
});
