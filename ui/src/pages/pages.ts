/** The pages there are: rail, palette, keys and routes all follow this table. */
import type { Component } from 'svelte';
import type { Message } from '../lib/t';
import type { IconName } from '../parts/Icon.svelte';
import Explore from './Explore.svelte';
import Fleet from './Fleet.svelte';
import Path from './Path.svelte';
import Sheets from './Sheets.svelte';

export interface Page {
  path: string;
  title: Message;
  icon: IconName;
  /** The second key after `g`. */
  key: string;
  view: Component;
  /** Whether a path belongs to this entry of the rail. */
  holds: (path: string) => boolean;
}

export const PAGES: Page[] = [
  { path: '', title: 'fleet.title', icon: 'fleet', key: 'f', view: Fleet, holds: (path) => path === '' || path.startsWith('h/') },
  { path: 'explore', title: 'explore.title', icon: 'explore', key: 'e', view: Explore, holds: (path) => path === 'explore' },
  { path: 'sheets', title: 'sheets.title', icon: 'sheets', key: 's', view: Sheets, holds: (path) => path === 'sheets' },
  { path: 'path', title: 'path.title', icon: 'path', key: 'p', view: Path, holds: (path) => path === 'path' },
];
