/** Expressions being evaluated: asked once, or streamed for as long as the range follows the clock. */
import { applyFrame, cellsOf, type Cell } from '../chart/cell';
import { api, ApiError, isAbort, type RunAnswer, type RunRequest, type RunStats } from './api';
import { link } from './link.svelte';

const REOPEN_MS = [500, 1000, 2000, 5000];

/** The stream of this tab: a browser allows few connections to one server, so there is never more than one. */
let current: Run | null = null;

export class Run {
  /** One for each expression, in their order. */
  cells = $state.raw<Cell[]>([]);
  fromMs = $state(0);
  toMs = $state(0);
  stepMs = $state(0);
  interval = $state('');
  stats = $state.raw<RunStats | null>(null);
  /** Why the whole request failed. */
  problem = $state.raw<ApiError | null>(null);

  #request: RunRequest | null = null;
  #live = false;
  #abort: AbortController | null = null;
  #source: EventSource | null = null;
  #reopens = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  /** Evaluates, leaving what is on screen until the answer is there. */
  start(request: RunRequest, live: boolean): void {
    this.#end();
    this.#request = request;
    this.#live = live;
    if (!request.exprs.length) {
      this.cells = [];
      return;
    }
    if (live) this.#open();
    else void this.#ask();
  }

  stop(): void {
    this.#end();
    this.#request = null;
    document.removeEventListener('visibilitychange', this.#onVisibility);
  }

  #end(): void {
    this.#abort?.abort();
    this.#source?.close();
    clearTimeout(this.#timer);
    this.#source = null;
    this.#reopens = 0;
    if (current === this) current = null;
  }

  async #ask(): Promise<void> {
    this.#abort = new AbortController();
    try {
      this.#take(await api.run(this.#request!, this.#abort.signal));
    } catch (error) {
      if (error instanceof ApiError) this.problem = error;
      if (isAbort(error)) return;
    }
  }

  #open(): void {
    if (document.hidden) return;
    if (current && current !== this) current.#end();
    current = this;
    const source = new EventSource(api.liveUrl(this.#request!));
    this.#source = source;
    source.addEventListener('frame', (event) => {
      this.#reopens = 0;
      link.answered();
      this.#take(JSON.parse((event as MessageEvent<string>).data) as RunAnswer);
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
    if (!this.#request || this.#source) return;
    const waitMs = REOPEN_MS[Math.min(this.#reopens, REOPEN_MS.length - 1)];
    this.#reopens += 1;
    // A refused request has its reason only in a plain answer.
    if (this.#reopens === 1) void this.#ask();
    this.#timer = setTimeout(() => this.#open(), waitMs);
  }

  #onVisibility = (): void => {
    if (!this.#live || !this.#request) return;
    if (document.hidden) {
      this.#source?.close();
      this.#source = null;
    } else if (!this.#source && link.downSinceMs === null) {
      this.#open();
    }
  };

  #take(answer: RunAnswer): void {
    this.cells = answer.replace === false ? applyFrame(this.cells, answer) : cellsOf(answer);
    this.fromMs = answer.from_ms;
    this.toMs = answer.to_ms;
    this.stepMs = answer.step_ms;
    this.interval = answer.interval;
    // A frame of a stream counts only its own few points.
    if (answer.replace !== false) this.stats = answer.stats;
    this.problem = null;
  }
}
