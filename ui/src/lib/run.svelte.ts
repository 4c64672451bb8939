/** Expressions being evaluated: asked once, or streamed for as long as the range follows the clock. */
import { applyFrame, cellsOf, type Cell } from '../chart/cell';
import { api, type ApiError, type RunAnswer, type RunRequest, type RunStats } from './api';
import { Stream } from './stream.svelte';

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

  #stream = new Stream<RunRequest, RunAnswer>({
    ask: api.run,
    url: api.liveUrl,
    event: 'frame',
    take: (answer) => this.#take(answer),
    opening: () => {
      if (current && current !== this) current.#end();
      current = this;
    },
  });

  /** Why the whole request failed. */
  get problem(): ApiError | null {
    return this.#stream.problem;
  }

  /** Evaluates, leaving what is on screen until the answer is there. */
  start(request: RunRequest, live: boolean): void {
    this.#end();
    if (request.exprs.length) this.#stream.start(request, live);
    else this.cells = [];
  }

  stop(): void {
    this.#end();
    this.#stream.stop();
  }

  #end(): void {
    this.#stream.end();
    if (current === this) current = null;
  }

  #take(answer: RunAnswer): void {
    this.cells = answer.replace === false ? applyFrame(this.cells, answer) : cellsOf(answer);
    this.fromMs = answer.from_ms;
    this.toMs = answer.to_ms;
    this.stepMs = answer.step_ms;
    this.interval = answer.interval;
    // A frame of a stream counts only its own few points.
    if (answer.replace !== false) this.stats = answer.stats;
  }
}
