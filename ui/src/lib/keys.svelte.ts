/** Single keys and short sequences. Never inside fields, and a user may turn them off. */

/** Keys as `event.key` names them; "g f" is one after the other. */
export type KeyMap = Record<string, () => void>;

const STORED = 'windhover.keys';
const SEQUENCE_MS = 900;

class Keys {
  enabled = $state(localStorage.getItem(STORED) !== 'off');

  #maps: KeyMap[] = [];
  #first = '';
  #firstMs = 0;

  /** Listens until the returned function is called; later maps win. */
  add(map: KeyMap): () => void {
    this.#maps.push(map);
    return () => {
      this.#maps = this.#maps.filter((other) => other !== map);
    };
  }

  turn(on: boolean): void {
    this.enabled = on;
    localStorage.setItem(STORED, on ? 'on' : 'off');
  }

  handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) {
      this.#fire(`${event.ctrlKey || event.metaKey ? 'Ctrl-' : 'Alt-'}${event.key.toLowerCase()}`, event);
      return;
    }
    if (!this.enabled || isField(event.target) || document.querySelector('dialog[open]')) return;
    const sequence = this.#first && event.timeStamp - this.#firstMs < SEQUENCE_MS ? `${this.#first} ${event.key}` : '';
    this.#first = '';
    if (sequence && this.#fire(sequence, event)) return;
    if (this.#fire(event.key, event)) return;
    this.#first = event.key;
    this.#firstMs = event.timeStamp;
  }

  #fire(key: string, event: KeyboardEvent): boolean {
    for (let i = this.#maps.length - 1; i >= 0; i -= 1) {
      const act = this.#maps[i][key];
      if (act) {
        event.preventDefault();
        act();
        return true;
      }
    }
    return false;
  }
}

/** Whether keys typed here are text or belong to the element itself. */
function isField(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return !!element?.closest?.('input, textarea, select, [contenteditable], [role="menu"], [role="region"]');
}

export const keys = new Keys();
