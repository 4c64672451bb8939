/** Light, dark or what the system says, and the resolved colours a canvas needs. */

export type Theme = 'auto' | 'light' | 'dark';

const ORDER: Theme[] = ['auto', 'light', 'dark'];
const STORED = 'windhover.theme';
const TOKENS = ['card', 'line', 'edge', 'text', 'muted', 'accent', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8'] as const;

/** Colours by the name of their token, as the browser resolved them. */
export type Colours = Record<(typeof TOKENS)[number], string>;

function stored(): Theme {
  const text = localStorage.getItem(STORED) as Theme | null;
  return text && ORDER.includes(text) ? text : 'auto';
}

class ThemeChoice {
  choice = $state<Theme>(stored());
  colours = $state.raw({} as Colours);

  constructor() {
    this.#apply();
    for (const query of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)']) {
      matchMedia(query).addEventListener('change', () => this.#resolve());
    }
  }

  /** Goes to the next of auto, light and dark. */
  next(): void {
    this.choice = ORDER[(ORDER.indexOf(this.choice) + 1) % ORDER.length];
    localStorage.setItem(STORED, this.choice);
    this.#apply();
  }

  #apply(): void {
    if (this.choice === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.choice;
    this.#resolve();
  }

  /** A canvas does not understand `var(--s1)`: let the browser resolve each token on a probe. */
  #resolve(): void {
    const probe = document.createElement('i');
    document.documentElement.append(probe);
    const colours = {} as Colours;
    for (const token of TOKENS) {
      probe.style.color = `var(--${token})`;
      colours[token] = getComputedStyle(probe).color;
    }
    probe.remove();
    this.colours = colours;
  }
}

export const theme = new ThemeChoice();
