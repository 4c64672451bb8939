import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds a server: a real one, or `npm run mock`. */
const server = process.env.WINDHOVER_URL ?? 'http://127.0.0.1:9464';

export default defineConfig({
  // Relative URLs: the UI works under any base path, see src/lib/url.svelte.ts.
  base: './',
  plugins: [svelte()],
  build: {
    target: ['chrome125', 'firefox125', 'safari17.5'],
    // `data:` URLs would break the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': server, '/health': server } },
  test: { include: ['tests/*.test.ts'] },
});
