// Turns the built UI (dist/) into the table of bytes that the `ui` crate embeds:
// crates/ui/dist/**.gz and crates/ui/src/table.rs. The same input always gives the same output.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const built = join(here, 'dist');
const crate = join(here, '../crates/ui');
const packed = join(crate, 'dist');

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

function filesBelow(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]));
}

/** Every asset by its path in URLs. Pages one level down reach the same files through `../`. */
function assets() {
  const found = new Map(filesBelow(built).map((file) => [relative(built, file).replaceAll('\\', '/'), readFileSync(file)]));
  const index = found.get('index.html').toString('utf8');
  found.set('h/index.html', Buffer.from(index.replaceAll('="./', '="../')));
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Another version of zlib packs the same bytes differently: a file that already holds this content stays as it is. */
function write(file, content) {
  const same = existsSync(file) && gunzipSync(readFileSync(file)).equals(content);
  if (same) return;
  mkdirSync(dirname(file), { recursive: true });
  const bytes = gzipSync(content, { level: 9 });
  bytes[9] = 255; // The header names the operating system; ours says "unknown" everywhere.
  writeFileSync(file, bytes);
}

function row([path, content]) {
  const type = TYPES[extname(path)];
  if (!type) throw new Error(`${path}: no content type is known for this file; add it to pack.mjs`);
  const etag = createHash('sha256').update(content).digest('hex').slice(0, 16);
  return `    Asset {
        path: "${path}",
        bytes_gz: include_bytes!("../dist/${path}.gz"),
        content_type: "${type}",
        etag: "\\"${etag}\\"",
        immutable: ${path.startsWith('assets/')},
    },
`;
}

const all = assets();
const wanted = new Set(all.map(([path]) => join(packed, `${path}.gz`)));
if (existsSync(packed)) for (const file of filesBelow(packed)) if (!wanted.has(file)) rmSync(file);
for (const [path, content] of all) write(join(packed, `${path}.gz`), content);
writeFileSync(
  join(crate, 'src/table.rs'),
  `//! Every built asset. Written by \`node ui/pack.mjs\`; do not edit.

use crate::Asset;

pub(crate) static ASSETS: &[Asset] = &[
${all.map(row).join('')}];
`,
);
console.log(`packed ${all.length} assets`);
