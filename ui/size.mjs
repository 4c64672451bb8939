// Prints what the UI weighs, gzipped, and fails above its budget.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** All scripts and styles of all pages, gzip -9. */
const BUDGET_BYTES = 112 * 1024;

const folder = join(dirname(fileURLToPath(import.meta.url)), 'dist/assets');
let total = 0;
for (const name of readdirSync(folder).sort()) {
  const content = readFileSync(join(folder, name));
  const packed = gzipSync(content, { level: 9 }).length;
  total += packed;
  console.log(`${String(content.length).padStart(9)} ${String(packed).padStart(8)} gz  ${name}`);
}
console.log(`${String(total).padStart(18)} gz  of ${BUDGET_BYTES} allowed`);
if (total > BUDGET_BYTES) {
  console.error(`the UI is ${total - BUDGET_BYTES} bytes over its budget`);
  process.exit(1);
}
