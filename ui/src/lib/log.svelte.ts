/** A host's log on a page: what is newest, what comes, and what is older on demand. */
import { api, ApiError, isAbort, type EventPage, type EventRow, type EventsAsked } from './api';
import { cursorAfter, merge } from './events';
import { link } from './link.svelte';

const REOPEN_MS = [500, 1000, 2000, 5000];
/** Most events kept while following; older ones are there on demand. */
const KEPT_MAX = 2000;

export class Log {
  /** Newest first. */
  events = $state.raw<EventRow[]>([]);
  /** Whether an answer has come. */
  ready = $state(false);
  /** Whether there are older ones. */
  more = $state(false);
  /** Whether older ones are being fetched. */
  busy = $state(false);
  /** Why there is no answer. */
  problem = $state.raw<ApiError | null>(null);

  #asked: EventsAsked = {};
  #live = false;
  #abort: AbortController | null = null;
  #source: EventSource | null = null;
  #reopens = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  /** Shows what is asked for, following it when `live`. What is on screen stays until the answer is there. */
  start(asked: EventsAsked, live: boolean): void {
    this.#end();
    this.#asked = asked;
    this.#live = live;
    this.ready = false;
    if (live) this.#open();
    else void this.#ask();
  }

  stop(): void {
    this.#end();
    document.removeEventListener('visibilitychange', this.#onVisibility);
  }

  /** Fetches the page before the oldest one on show. */
  async older(): Promise<void> {
    const before = cursorAfter(this.events);
    if (!before || this.busy) return;
    this.busy = true;
    try {
      const page = await api.events({ ...this.#asked, before }, this.#abort?.signal);
      this.events = merge(this.events, page.events);
      this.more = page.next !== null;
    } catch (error) {
      if (error instanceof ApiError) this.problem = error;
    }
    this.busy = false;
  }

  #end(): void {
    this.#abort?.abort();
    this.#abort = new AbortController();
    this.#source?.close();
    this.#source = null;
    this.#reopens = 0;
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    try {
      this.#take(await api.events(this.#asked, this.#abort!.signal));
    } catch (error) {
      if (error instanceof ApiError && !isAbort(error)) this.problem = error;
    }
  }

  #open(): void {
    if (document.hidden) return;
    const source = new EventSource(api.eventsLiveUrl(this.#asked));
    this.#source = source;
    source.addEventListener('events', (event) => {
      this.#reopens = 0;
      link.answered();
      this.#take(JSON.parse((event as MessageEvent<string>).data) as EventPage);
    });
    source.addEventListener('problem', (event) => {
      const body = JSON.parse((event as MessageEvent<string>).data) as { error: string };
      this.problem = new ApiError(500, body.error, null);
    });
    source.onerror = () => this.#broken(source);
  }

  async #broken(source: EventSource): Promise<void> {
    source.close();
    if (this.#source !== source) return;
    this.#source = null;
    if (!(await link.check())) {
      link.lost();
      return;
    }
    if (this.#source) return;
    const waitMs = REOPEN_MS[Math.min(this.#reopens, REOPEN_MS.length - 1)];
    this.#reopens += 1;
    // A refused request has its reason only in a plain answer.
    if (this.#reopens === 1) void this.#ask();
    this.#timer = setTimeout(() => this.#open(), waitMs);
  }

  #onVisibility = (): void => {
    if (!this.#live) return;
    if (document.hidden) {
      this.#source?.close();
      this.#source = null;
    } else if (!this.#source && link.downSinceMs === null) {
      this.#open();
    }
  };

  /** The first answer replaces what other filters left; later ones add to it. */
  #take(page: EventPage): void {
    const first = !this.ready;
    const all = first ? page.events : merge(this.events, page.events);
    this.events = all.slice(0, Math.max(KEPT_MAX, first ? 0 : this.events.length));
    if (first) this.more = page.next !== null;
    else if (all.length > this.events.length) this.more = true;
    this.ready = true;
    this.problem = null;
  }
}
