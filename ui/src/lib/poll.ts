import { isAbort } from './api';

/**
 * Calls `ask` now and then every `intervalMs` after an answer, while the tab is visible; on return at once.
 * Gives back the function that ends it. Failures are the business of the connection bar, unless `failed` wants them.
 */
export function poll(
  ask: (signal: AbortSignal) => Promise<unknown>,
  intervalMs: number | (() => number),
  failed?: (error: unknown) => void,
): () => void {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;

  const round = async () => {
    clearTimeout(timer);
    if (running || abort.signal.aborted || document.hidden) return;
    running = true;
    try {
      await ask(abort.signal);
    } catch (error) {
      if (!isAbort(error)) failed?.(error);
    }
    running = false;
    if (!abort.signal.aborted) timer = setTimeout(round, typeof intervalMs === 'function' ? intervalMs() : intervalMs);
  };

  document.addEventListener('visibilitychange', round);
  void round();
  return () => {
    abort.abort();
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', round);
  };
}
