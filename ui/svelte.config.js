import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess(),
  compilerOptions: {
    // Readable in the inspector and shorter than a hash; names of components are unique here.
    cssHash: ({ name }) => `x-${name.toLowerCase()}`,
  },
};
