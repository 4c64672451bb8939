/** Whether the server answers. Whoever talks to it reports here; the bar on top and every page read it. */
import { base } from './url.svelte';

const RETRY_MS = [1000, 1000, 2000, 3000, 5000];

class Link {
  /** When the server stopped answering, null while it answers. */
  downSinceMs = $state<number | null>(null);
  /** Grows each time the server comes back: effects that read it fetch again. */
  recoveries = $state(0);

  #tries = 0;

  /** A request got no answer. */
  lost(): void {
    if (this.downSinceMs !== null) return;
    this.downSinceMs = Date.now();
    this.#tries = 0;
    this.#retryLater();
  }

  /** A request got an answer, whatever it said. */
  answered(): void {
    if (this.downSinceMs === null) return;
    this.downSinceMs = null;
    this.recoveries += 1;
  }

  /** Asks whether the server is there at all. */
  async check(): Promise<boolean> {
    try {
      const response = await fetch(`${base}health`, { cache: 'no-store' });
      return response.ok;
    } catch {
      return false;
    }
  }

  #retryLater(): void {
    const waitMs = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)];
    this.#tries += 1;
    setTimeout(async () => {
      if (this.downSinceMs === null) return;
      if (await this.check()) this.answered();
      else this.#retryLater();
    }, waitMs);
  }
}

export const link = new Link();
