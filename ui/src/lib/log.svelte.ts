/** A host's log on a page: what is newest, what comes, and what is older on demand. */
import { api, ApiError, type EventPage, type EventRow, type EventsAsked } from './api';
import { cursorAfter, merge } from './events';
import { Stream } from './stream.svelte';

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

  #asked: EventsAsked = {};
  #stream = new Stream<EventsAsked, EventPage>({
    ask: api.events,
    url: api.eventsLiveUrl,
    event: 'events',
    take: (page) => this.#take(page),
  });

  /** Why there is no answer. */
  get problem(): ApiError | null {
    return this.#stream.problem;
  }

  /** Shows what is asked for, following it when `live`. What is on screen stays until the answer is there. */
  start(asked: EventsAsked, live: boolean): void {
    this.#asked = asked;
    this.ready = false;
    this.#stream.start(asked, live);
  }

  stop(): void {
    this.#stream.stop();
  }

  /** Fetches the page before the oldest one on show. */
  async older(): Promise<void> {
    const before = cursorAfter(this.events);
    if (!before || this.busy) return;
    this.busy = true;
    try {
      const page = await api.events({ ...this.#asked, before }, this.#stream.signal);
      this.events = merge(this.events, page.events);
      this.more = page.next !== null;
    } catch (error) {
      if (error instanceof ApiError) this.#stream.problem = error;
    }
    this.busy = false;
  }

  /** The first answer replaces what other filters left; later ones add to it. */
  #take(page: EventPage): void {
    const first = !this.ready;
    const all = first ? page.events : merge(this.events, page.events);
    this.events = all.slice(0, Math.max(KEPT_MAX, first ? 0 : this.events.length));
    if (first) this.more = page.next !== null;
    else if (all.length > this.events.length) this.more = true;
    this.ready = true;
  }
}
