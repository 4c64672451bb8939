/** The URL is the state: the path names the page, the query holds range, zone and expressions. Back undoes a zoom. */

/** The path the UI is mounted at, with a slash at its end: "/" or "/some/prefix/". */
export const base: string = import.meta.env.DEV ? '/' : new URL(/* @vite-ignore */ '..', import.meta.url).pathname;

/** Query parameters that follow the user from page to page. */
const KEPT = ['from', 'to', 'tz', 'live'];

class Place {
  #url = $state.raw(new URL(location.href));
  /** How many zooms `back` can undo. */
  zooms = $state((history.state?.zooms as number | undefined) ?? 0);

  constructor() {
    addEventListener('popstate', () => this.#read());
  }

  #read(): void {
    this.#url = new URL(location.href);
    this.zooms = (history.state?.zooms as number | undefined) ?? 0;
  }

  /** The path below the base, without the leading slash: "", "explore", "h/web1". */
  get path(): string {
    return this.#url.pathname.startsWith(base) ? this.#url.pathname.slice(base.length) : '';
  }

  get query(): URLSearchParams {
    return this.#url.searchParams;
  }

  /** The address of a page, with the range and zone of the present one. */
  href(path: string, query: Record<string, string | string[]> = {}): string {
    const search = new URLSearchParams();
    for (const key of KEPT) {
      const value = this.query.get(key);
      if (value !== null) search.set(key, value);
    }
    for (const [key, value] of Object.entries(query)) {
      search.delete(key);
      for (const one of [value].flat()) search.append(key, one);
    }
    const text = search.toString();
    return base + path + (text ? `?${text}` : '');
  }

  /** Goes to an address made by `href`. */
  go(href: string, how: 'push' | 'replace' = 'push', zooms = 0): void {
    history[how === 'push' ? 'pushState' : 'replaceState']({ zooms }, '', href);
    this.#read();
  }

  /** Changes query parameters of the present page; null removes one. */
  set(changes: Record<string, string | string[] | null>, how: 'push' | 'replace' = 'push', zooms = this.zooms): void {
    const search = new URLSearchParams(this.query);
    for (const [key, value] of Object.entries(changes)) {
      search.delete(key);
      if (value !== null) for (const one of [value].flat()) search.append(key, one);
    }
    const text = search.toString();
    this.go(base + this.path + (text ? `?${text}` : ''), how, zooms);
  }
}

export const place = new Place();

/** The path of a host's page. */
export function hostPath(host: string): string {
  return `h/${encodeURIComponent(host)}`;
}

/** Lets plain clicks on links of ours change the page without loading it anew. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const anchor = (event.target as Element | null)?.closest?.('a[href]') as HTMLAnchorElement | null;
  if (!anchor || anchor.target || anchor.hasAttribute('download') || anchor.origin !== location.origin) return;
  if (!anchor.pathname.startsWith(base) || anchor.getAttribute('href')?.startsWith('#')) return;
  event.preventDefault();
  place.go(anchor.pathname + anchor.search);
  scrollTo(0, 0);
}
