/** Short words to the user: shown for a moment, and spoken by screen readers. */
class Say {
  /** The notice on screen, empty when there is none. */
  notice = $state('');
  /** What only screen readers get. */
  spoken = $state('');

  #timer: ReturnType<typeof setTimeout> | undefined;
  #spokenMs = 0;

  show(text: string): void {
    this.notice = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.notice = ''), 4000);
  }

  /** At most two a second, so that a held arrow key stays understandable. */
  speak(text: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#spokenMs < 500) return;
    this.#spokenMs = nowMs;
    this.spoken = text;
  }
}

export const say = new Say();
