/** Something asked for once, or streamed for as long as it is followed: what `Run` and `Log` have in common. */
import { ApiError, isAbort } from './api';
import { link } from './link.svelte';

const REOPEN_MS = [500, 1000, 2000, 5000];

/** How a kind of question is asked, and where its stream is. */
export interface Way<Asked, Answer> {
  ask: (asked: Asked, signal: AbortSignal) => Promise<Answer>;
  url: (asked: Asked) => string;
  /** The name of the stream's events. */
  event: string;
  take: (answer: Answer) => void;
  /** Called before a stream opens. */
  opening?: () => void;
}

export class Stream<Asked, Answer> {
  /** Why there is no answer. */
  problem = $state.raw<ApiError | null>(null);

  #way: Way<Asked, Answer>;
  #asked: Asked | null = null;
  #live = false;
  #abort = new AbortController();
  #source: EventSource | null = null;
  #reopens = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(way: Way<Asked, Answer>) {
    this.#way = way;
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  /** Ends what is under way, when somebody else asks. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Asks, following the answer when `live`. */
  start(asked: Asked, live: boolean): void {
    this.end();
    this.#asked = asked;
    this.#live = live;
    if (live) this.#open();
    else void this.#ask();
  }

  /** Ends what is under way; a later start is possible. */
  end(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#source?.close();
    this.#source = null;
    this.#reopens = 0;
    this.#asked = null;
    clearTimeout(this.#timer);
  }

  /** Ends for good. */
  stop(): void {
    this.end();
    document.removeEventListener('visibilitychange', this.#onVisibility);
  }

  async #ask(): Promise<void> {
    const { signal } = this;
    try {
      this.#take(await this.#way.ask(this.#asked!, signal));
    } catch (error) {
      if (error instanceof ApiError && !isAbort(error) && !signal.aborted) this.problem = error;
    }
  }

  #take(answer: Answer): void {
    this.#way.take(answer);
    this.problem = null;
  }

  #open(): void {
    if (document.hidden) return;
    this.#way.opening?.();
    const source = new EventSource(this.#way.url(this.#asked!));
    this.#source = source;
    source.addEventListener(this.#way.event, (event) => {
      this.#reopens = 0;
      link.answered();
      this.#take(JSON.parse((event as MessageEvent<string>).data) as Answer);
    });
    source.addEventListener('problem', (event) => {
      const body = JSON.parse((event as MessageEvent<string>).data) as { error: string; hint?: string | null };
      this.problem = new ApiError(400, body.error, body.hint ?? null);
    });
    source.onerror = () => this.#broken(source);
  }

  /** The browser would retry blindly; we want to know whether the server is gone or refused us. */
  async #broken(source: EventSource): Promise<void> {
    source.close();
    if (this.#source !== source) return;
    this.#source = null;
    if (!(await link.check())) {
      link.lost();
      return;
    }
    if (this.#asked === null || this.#source) return;
    const waitMs = REOPEN_MS[Math.min(this.#reopens, REOPEN_MS.length - 1)];
    this.#reopens += 1;
    // A refused request has its reason only in a plain answer.
    if (this.#reopens === 1) void this.#ask();
    this.#timer = setTimeout(() => this.#open(), waitMs);
  }

  #onVisibility = (): void => {
    if (!this.#live || this.#asked === null) return;
    if (document.hidden) {
      this.#source?.close();
      this.#source = null;
    } else if (!this.#source && link.downSinceMs === null) {
      this.#open();
    }
  };
}
