// Walks the whole UI in a real browser against a running server: WINDHOVER_URL (default: the development mock).
// SHOTS=folder keeps a screenshot of every page in both themes and three widths.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { openPage, startBrowser } from './browser.mjs';
import { tests } from './tests.mjs';

const url = (process.env.WINDHOVER_URL ?? 'http://127.0.0.1:9464/').replace(/\/?$/, '/');
const shots = process.env.SHOTS;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const only = process.argv[2];

/** Finds what a person with a screen reader or weak eyes would trip over. */
export async function findBarriers(page) {
  // The page's own policy forbids injected scripts, as it should; the debugger may evaluate.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations
    .filter((one) => ['serious', 'critical'].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(' ')} ${node.any[0]?.message ?? ''}`));
}

const host = (await (await fetch(`${url}api/v1/fleet`)).json()).hosts.find((row) => row.state !== 'silent').host;
const hostPath = `h/${encodeURIComponent(host)}`;
// One to look at, on whatever server this is.
const made = await fetch(`${url}api/v1/sheets`, {
  method: 'POST',
  body: JSON.stringify({ title: 'Looked at', exprs: ['.es(metric=avg:load1, split=host:3)', '@1.movingaverage(5)'] }),
});
const sheet = (await made.json()).sheets[0].id;
const paths = {
  fleet: '',
  host: hostPath,
  log: `${hostPath}?view=log`,
  collectors: `${hostPath}?view=collectors`,
  profile: `${hostPath}?view=profile`,
  explore: 'explore',
  sheets: 'sheets',
  sheet: `sheets?sheet=${sheet}`,
  path: 'path',
};

let failed = 0;
async function test(name, view, body) {
  if (only && !name.includes(only)) return;
  const started = performance.now();
  const browser = await startBrowser(view);
  const { page, complaints } = await openPage(browser.context);
  try {
    await body({ page, url, host, paths, context: browser.context, complaints });
    assert.deepEqual(complaints, [], 'the console stays silent');
    console.log(`ok    ${name} (${Math.round(performance.now() - started)} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n      ${String(error.stack ?? error).replaceAll('\n', '\n      ')}`);
    if (shots) await page.screenshot({ path: join(shots, `failed-${name.replace(/\W+/g, '-')}.png`) }).catch(() => {});
  }
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await browser.close();
}

if (shots) mkdirSync(shots, { recursive: true });

for (const { name, view, body } of tests) await test(name, view, body);

for (const dark of [false, true]) {
  for (const width of [1440, 768, 390]) {
    for (const [name, path] of Object.entries(paths)) {
      const look = `${name}-${dark ? 'dark' : 'light'}-${width}`;
      await test(`look ${look}`, { width, height: width === 390 ? 844 : 900, dark, touch: width === 390 }, async ({ page }) => {
        await page.goto(url + path);
        await page.locator('h1').waitFor();
        if (name === 'host') await page.locator('canvas').first().waitFor();
        if (name === 'log') await page.locator('ol time').first().waitFor();
        if (name === 'collectors') await page.locator('tbody tr').first().waitFor();
        if (name === 'profile') await page.getByRole('button', { name: 'Take one now' }).waitFor();
        if (name === 'path') await page.locator('ol.stages').waitFor();
        if (name === 'fleet') await page.locator('a.host').first().waitFor();
        if (name === 'sheet') await page.locator('canvas').first().waitFor();
        if (name === 'explore') await page.locator('.start a').first().waitFor();
        await page.waitForTimeout(700);
        const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(wide <= seen, `no sideways scroll: ${wide} > ${seen}`);
        assert.deepEqual(await findBarriers(page), []);
        if (shots) await page.screenshot({ path: join(shots, `${look}.png`), fullPage: true });
      });
    }
  }
}

console.log(failed ? `${failed} failed` : 'all passed');
process.exit(failed ? 1 : 0);
