/** The span of time on show, read from the URL and changed through it. */
import { isDay, isMoving, nextDay, parseMoment, type RangeText } from './time';
import { place } from './url.svelte';
import { browserZone, dayText, isZone, momentText } from './zone';

const FALLBACK: RangeText = { from: 'now-15m', to: 'now' };

class Range {
  /** What a page starts with when the URL names no range. */
  initial = $state<RangeText>(FALLBACK);

  get zone(): string {
    const named = place.query.get('tz');
    return named && isZone(named) ? named : browserZone;
  }

  get text(): RangeText {
    const from = place.query.get('from');
    const to = place.query.get('to');
    if (from === null && to === null) return this.initial;
    const range = { from: from ?? FALLBACK.from, to: to ?? FALLBACK.to };
    try {
      return this.resolve(range) ? range : FALLBACK;
    } catch {
      return FALLBACK;
    }
  }

  /** Whether the end of the range moves with the clock. */
  get moving(): boolean {
    return this.text.to.trim() === 'now';
  }

  /** Whether charts follow the clock. */
  get live(): boolean {
    return this.moving && place.query.get('live') !== 'off';
  }

  get isDay(): boolean {
    return isDay(this.text);
  }

  /** The instants of a range. Throws `TimeError`. */
  resolve(text: RangeText, nowMs = Date.now()): { fromMs: number; toMs: number } {
    const context = { nowMs, zone: this.zone };
    return { fromMs: parseMoment(text.from, context, 'start'), toMs: parseMoment(text.to, context, 'end') };
  }

  /** The range as the server is asked for it: by its own clock where the range moves, as milliseconds where it does not. */
  get request(): RangeText {
    const { fromMs, toMs } = this.resolve(this.text);
    const { from } = this.text;
    return {
      from: this.moving && /^now-\d+[a-z]$/i.test(from) ? from : String(fromMs),
      to: this.moving ? 'now' : String(toMs),
    };
  }

  /** Shows a range. Wall clock times mean the same instants elsewhere only with their zone, so the URL names it then. */
  show(text: RangeText, zooms = 0): void {
    const everywhere = isMoving(text.from) && isMoving(text.to) && this.zone === browserZone;
    place.set({ from: text.from, to: text.to, tz: everywhere ? null : this.zone }, 'push', zooms);
  }

  /** Zooms to a span; the browser's back button undoes it. */
  zoom(fromMs: number, toMs: number): void {
    const [from, to] = [fromMs, toMs].map((ms) => this.#write(ms));
    if (from !== to) this.show({ from, to }, place.zooms + 1);
  }

  /** Undoes the last zoom, or shows twice the span when there is none. */
  zoomOut(): void {
    if (place.zooms > 0) {
      history.back();
      return;
    }
    const { fromMs, toMs } = this.resolve(this.text);
    const span = toMs - fromMs;
    if (this.moving) this.show({ from: relative(span * 2), to: 'now' });
    else this.show({ from: this.#write(fromMs - span / 2), to: this.#write(toMs + span / 2) });
  }

  /** Zooms to the middle half of the span. */
  zoomIn(): void {
    const { fromMs, toMs } = this.resolve(this.text);
    const span = toMs - fromMs;
    if (this.moving) this.show({ from: relative(Math.max(span / 2, 60_000)), to: 'now' }, place.zooms + 1);
    else this.zoom(fromMs + span / 4, toMs - span / 4);
  }

  /** Moves the span by a part of its length; a whole day moves by days. */
  shift(windows: number): void {
    if (this.isDay) {
      this.day(Math.sign(windows));
      return;
    }
    const { fromMs, toMs } = this.resolve(this.text);
    const by = (toMs - fromMs) * windows;
    if (toMs + by >= Date.now()) this.show({ from: relative(toMs - fromMs), to: 'now' });
    else this.show({ from: this.#write(fromMs + by), to: this.#write(toMs + by) });
  }

  /** Shows the whole day the span ends in, `days` further on. */
  day(days = 0): void {
    const shown = this.isDay ? this.text.from : dayText(this.zone, this.resolve(this.text).toMs - 1);
    const from = nextDay(shown, days);
    if (from > dayText(this.zone, Date.now())) return;
    this.show({ from, to: nextDay(from) });
  }

  /** Follows the clock or stops doing so. */
  setLive(live: boolean): void {
    if (live && !this.moving) {
      const { fromMs, toMs } = this.resolve(this.text);
      place.set({ from: relative(Math.min(toMs - fromMs, 86_400_000)), to: 'now', live: null }, 'push', 0);
    } else {
      place.set({ live: live ? null : 'off' }, 'replace');
    }
  }

  /** The range with both ends fixed, for a link that shows the same thing tomorrow. */
  get fixed(): RangeText {
    const { fromMs, toMs } = this.resolve(this.text);
    return { from: this.#write(fromMs), to: this.#write(toMs) };
  }

  #write(ms: number): string {
    return momentText(this.zone, Math.round(ms / 1000) * 1000);
  }
}

/** `now-90m`: a span that ends now, in the largest unit that is exact enough. */
function relative(spanMs: number): string {
  const seconds = Math.max(1, Math.round(spanMs / 1000));
  for (const [size, unit] of [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'm'],
  ] as const) {
    if (seconds >= size && seconds % size === 0) return `now-${seconds / size}${unit}`;
  }
  return seconds > 7200 ? `now-${Math.round(seconds / 60)}m` : `now-${seconds}s`;
}

export const range = new Range();
