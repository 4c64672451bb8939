// What a person does, one test each. They run against any server that has at least one host with data.
import assert from 'node:assert/strict';

/** A fingerprint of what a canvas shows. */
const picture = (page) =>
  page
    .locator('canvas')
    .first()
    .evaluate((canvas) => canvas.toDataURL());

/** Waits until the answer is as wanted, and says what it was if it never is. */
async function until(what, ask, wanted, timeoutMs = 8000) {
  const end = performance.now() + timeoutMs;
  let answer;
  do {
    answer = await ask();
    if (wanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  } while (performance.now() < end);
  assert.fail(`${what}: ${JSON.stringify(answer)}`);
}

const query = (page) => new URL(page.url()).searchParams;
const zoomed = (text) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text ?? '');

async function drag(page, box, from, to) {
  await page.mouse.move(box.x + box.width * from, box.y + box.height / 2);
  await page.mouse.down();
  for (let i = 1; i <= 6; i += 1)
    await page.mouse.move(box.x + box.width * (from + ((to - from) * i) / 6), box.y + box.height / 2);
  await page.mouse.up();
}

async function openHost({ page, url, paths }) {
  await page.goto(url + paths.host);
  await page.locator('canvas').first().waitFor();
  await until(
    'charts have values',
    () => page.locator('.value').allTextContents(),
    (all) => all.some((text) => /\d/.test(text)),
  );
}

async function type(page, text) {
  const field = page.locator('textarea').first();
  await field.click();
  await field.fill('');
  await page.keyboard.type(text, { delay: 5 });
}

export const tests = [
  {
    name: 'a live chart moves',
    async body(at) {
      await openHost(at);
      const first = await picture(at.page);
      await until(
        'the canvas changes',
        () => picture(at.page),
        (now) => now !== first,
      );
    },
  },
  {
    name: 'a sheet of Kibana is imported, edited, kept and deleted',
    async body({ page, url }) {
      await page.goto(`${url}sheets`);
      const title = `From Kibana ${Date.now()}`;
      const attributes = { title, timelion_sheet: ['.es(metric=avg:load1)', '.static(1)'] };
      const buffer = Buffer.from(`${JSON.stringify({ type: 'timelion-sheet', attributes })}\n`);
      await page.locator('input[type=file]').setInputFiles({ name: 'export.ndjson', mimeType: 'text/plain', buffer });
      await page.getByRole('link', { name: title }).click();
      await page.getByRole('heading', { name: title }).waitFor();
      await until(
        'both charts are drawn',
        () => page.locator('canvas').count(),
        (n) => n === 2,
      );
      await page.keyboard.press('e');
      assert.ok(await page.getByRole('checkbox', { name: 'Null as in Kibana' }).isChecked());
      await page.getByRole('combobox', { name: 'Columns' }).selectOption('1');
      const second = page.locator('textarea').nth(1);
      await second.fill('.static(7, label=seven)');
      await second.press('Enter');
      await page.getByText('seven').first().waitFor();
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved').waitFor();
      await page.reload();
      await page.getByText('seven').first().waitFor();
      await page.getByRole('button', { name: `More for ${title}` }).click();
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('heading', { name: 'Sheets' }).waitFor();
      assert.equal(await page.getByRole('link', { name: title }).count(), 0);
    },
  },
  {
    name: 'what is explored is kept as a sheet',
    async body({ page, url }) {
      await page.goto(`${url}explore?q=${encodeURIComponent('.static(7, label=seven)')}`);
      await page.getByRole('button', { name: 'Keep as a sheet' }).click();
      await page.getByRole('heading', { name: 'New sheet' }).waitFor();
      await page.getByText('seven').first().waitFor();
    },
  },
  {
    name: 'one stream per tab',
    async body(at) {
      const streams = [];
      at.page.on('request', (request) => request.url().includes('/api/v1/live') && streams.push(request.url()));
      await openHost(at);
      await at.page.waitForTimeout(2500);
      assert.equal(streams.length, 1);
    },
  },
  {
    name: 'drag zooms, back and double-click undo it',
    async body(at) {
      await openHost(at);
      const { page } = at;
      const over = page.locator('.u-over').first();
      await drag(page, await over.boundingBox(), 0.3, 0.6);
      await until('the URL holds the span', () => query(page).get('from'), zoomed);
      assert.equal(await page.getByRole('switch', { name: 'Live' }).getAttribute('aria-checked'), 'false');
      await page.goBack();
      await until(
        'back undoes it',
        () => query(page).get('from'),
        (from) => from === null,
      );
      // Going back loads the span again, and a chart that is just being drawn anew may lose a drag: nobody is that fast.
      await until(
        'zoomed again',
        async () => {
          await drag(page, await over.boundingBox(), 0.3, 0.6);
          await page.waitForTimeout(300);
          return query(page).get('from');
        },
        zoomed,
      );
      await page.waitForTimeout(600);
      await over.dblclick();
      await until(
        'double-click undoes it',
        () => query(page).get('from'),
        (from) => from === null,
      );
    },
  },
  {
    name: 'the cursor is in step on all charts and on the process table',
    async body(at) {
      await openHost(at);
      const { page } = at;
      const all = page.locator('.u-over');
      const box = await all.first().boundingBox();
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      const places = () =>
        page
          .locator('.u-cursor-x')
          .evaluateAll((lines) =>
            lines.map((line) => new DOMMatrix(getComputedStyle(line).transform).m41 / line.parentElement.clientWidth),
          );
      await until(
        'all lines stand at the middle',
        places,
        (found) => found.length > 1 && found.every((x) => Math.abs(x - 0.5) < 0.05),
      );
      await until(
        'processes of that moment',
        () => page.getByText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/).count(),
        (count) => count > 0,
      );
    },
  },
  {
    name: 'a finger zooms',
    view: { width: 390, height: 844, touch: true },
    async body(at) {
      await openHost(at);
      const { page, context } = at;
      const over = page.locator('.u-over').first();
      await over.scrollIntoViewIfNeeded();
      const box = await over.boundingBox();
      const session = await context.newCDPSession(page);
      const touch = (kind, part) =>
        session.send('Input.dispatchTouchEvent', {
          type: kind,
          touchPoints: kind === 'touchEnd' ? [] : [{ x: box.x + box.width * part, y: box.y + box.height / 2 }],
        });
      await touch('touchStart', 0.2);
      for (const part of [0.25, 0.35, 0.45, 0.6, 0.7]) await touch('touchMove', part);
      await touch('touchEnd', 0.7);
      await until('the URL holds the span', () => query(page).get('from'), zoomed);
    },
  },
  {
    name: 'the legend shows one series, ctrl toggles',
    async body(at) {
      await openHost(at);
      const { page } = at;
      const card = page
        .locator('article')
        .filter({ has: page.locator('li button[aria-pressed]').nth(1) })
        .first();
      const rows = card.locator('li button[aria-pressed]');
      const pressed = () => rows.evaluateAll((all) => all.map((one) => one.ariaPressed).join());
      const all = await pressed();
      await rows.nth(1).click();
      await until('only this', pressed, (now) => now.split('true').length === 2);
      await rows.nth(1).click();
      await until('all again', pressed, (now) => now === all);
      await rows.nth(0).click({ modifiers: ['Control'] });
      await until('one off', pressed, (now) => now.startsWith('false') && now.split('false').length === 2);
    },
  },
  {
    name: 'a chart as a table, and its menu by keyboard',
    async body(at) {
      await openHost(at);
      const { page } = at;
      await page
        .getByRole('button', { name: /^More for/ })
        .first()
        .focus();
      await page.keyboard.press('Enter');
      await page.getByRole('menuitem', { name: 'Show as table' }).waitFor();
      for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await until(
        'rows',
        () => page.locator('article td.time').count(),
        (count) => count > 10,
      );
    },
  },
  {
    name: 'a chart is read by keyboard and speaks',
    async body(at) {
      await openHost(at);
      const { page } = at;
      const chart = page.locator('[role=img]').first();
      assert.match(await chart.getAttribute('aria-label'), /last .* least .* greatest .* (rising|falling|steady)/);
      await chart.focus();
      for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowLeft');
      await until(
        'the point is spoken',
        () => page.locator('[aria-live=polite]').textContent(),
        (text) => /^\d{4}-\d\d-\d\d /.test(text),
      );
      assert.equal(query(page).get('from'), null, 'the keys belong to the chart, not to the page');
    },
  },
  {
    name: 'a new machine appears by itself',
    async body({ page, url }) {
      let more = false;
      await page.route('**/api/v1/fleet', async (route) => {
        const response = await route.fetch();
        const fleet = await response.json();
        if (more) fleet.hosts.push({ ...fleet.hosts[0], host: 'brand-new', state: 'ok', why: '' });
        await route.fulfill({ response, json: fleet });
      });
      await page.goto(url);
      await page.locator('a.host').first().waitFor();
      await page.getByText('Waiting for the next machine').waitFor();
      more = true;
      await page.getByRole('link', { name: 'brand-new' }).waitFor();
      await page.getByText('brand-new is here.').waitFor();
    },
  },
  {
    name: 'a chart whose data stops says so',
    async body(at) {
      // The server's newest points are withheld, as if the agent had died half a minute ago. There must be older ones.
      await until(
        'three quarters of a minute of data',
        async () => {
          const fleet = await (await fetch(`${at.url}api/v1/fleet`)).json();
          return fleet.now_ms - fleet.hosts.find((row) => row.host === at.host).first_ms;
        },
        (age) => age > 45_000,
        60_000,
      );
      await at.page.route('**/api/v1/run', async (route) => {
        const response = await route.fetch();
        const answer = await response.json();
        for (const { series } of answer.results) for (const one of series) one.values.fill(null, -30);
        await route.fulfill({ response, json: answer });
      });
      await at.page.route('**/api/v1/live*', async (route) => {
        const body = new URL(route.request().url()).searchParams.get('request');
        const answer = await (
          await fetch(`${at.url}api/v1/run`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
        ).json();
        for (const { series } of answer.results)
          for (const one of series) one.values.fill(null, -Math.ceil(30_000 / answer.step_ms));
        const text = `event: frame\ndata: ${JSON.stringify({ ...answer, replace: true })}\n\n`;
        await route.fulfill({ body: text, headers: { 'content-type': 'text/event-stream' } });
      });
      await at.page.goto(`${at.url}${at.paths.host}?from=now-15m&to=now`);
      await at.page
        .getByText(/^no data for/)
        .first()
        .waitFor();
      assert.ok(await at.page.locator('.stale').count());
    },
  },
  {
    name: 'days by keyboard',
    async body(at) {
      await openHost(at);
      const { page } = at;
      await page.keyboard.press('d');
      const today = await until(
        'a day',
        () => query(page).get('from'),
        (from) => /^\d{4}-\d\d-\d\d$/.test(from ?? ''),
      );
      await page.keyboard.press('[');
      await until(
        'the day before',
        () => query(page).get('to'),
        (to) => to === today,
      );
      await page.keyboard.press(']');
      await until(
        'and back',
        () => query(page).get('from'),
        (from) => from === today,
      );
      await page.keyboard.press('l');
      await until(
        'live again',
        () => query(page).get('to'),
        (to) => to === 'now',
      );
    },
  },
  {
    name: 'the time box understands words and names its mistakes',
    async body(at) {
      const { page } = at;
      await openHost(at);
      await page.locator('button[popovertarget="range-box"]').click();
      await page.locator('#range-text').fill('last 3 bananas');
      await page.keyboard.press('Enter');
      await page.getByText('is no unit of time').waitFor();
      await page.locator('#range-text').fill('last 2 hours');
      await page.keyboard.press('Enter');
      await until(
        'the URL',
        () => query(page).get('from'),
        (from) => from === 'now-2h',
      );
    },
  },
  {
    name: 'an expression is typed with completion and drawn',
    async body({ page, url }) {
      await page.goto(`${url}explore`);
      await page.locator('.start a').first().waitFor();
      await type(page, '.e');
      await page.getByRole('option', { name: /es/ }).first().waitFor();
      await page.keyboard.press('Tab');
      await until(
        'the function is there',
        () => page.locator('textarea').inputValue(),
        (text) => text.startsWith('.es('),
      );
      await page.keyboard.press('Escape');
      await page.locator('textarea').focus();
      await page.keyboard.press('End');
      await page.keyboard.type('metric=avg:');
      await page.getByRole('option').nth(1).waitFor();
      await page.keyboard.press('ArrowDown');
      const chosen = await until(
        'an option is active',
        () => page.locator('[role=option][aria-selected=true] .name').allTextContents(),
        (all) => all.length === 1,
      );
      await page.keyboard.press('Enter');
      await until(
        'the metric is there',
        () => page.locator('textarea').inputValue(),
        (text) => text.includes(`avg:${chosen[0]}`),
      );
      if (!(await page.locator('textarea').inputValue()).endsWith(')')) await page.keyboard.type(')');
      await page.keyboard.press('Escape');
      await page.locator('textarea').focus();
      await page.keyboard.press('Enter');
      await page.locator('canvas').waitFor();
      assert.match(query(page).get('q'), /^\.es\(metric=avg:/);
      await page.getByText(/parse .* read/).waitFor();
    },
  },
  {
    name: 'another language is chosen, completed and drawn',
    async body({ page, url }) {
      await page.goto(`${url}explore`);
      await page.getByRole('button', { name: 'PromQL' }).click();
      assert.equal(query(page).get('lang'), 'promql');
      await page.locator('.start a').first().click();
      await page.locator('canvas').waitFor();
      await page.locator('textarea').fill('');
      await type(page, 'avg_over');
      await page.getByRole('option', { name: 'avg_over_time' }).first().waitFor();
      await page.keyboard.press('Escape');
      await page.locator('textarea').fill('sum(rate(load1[1m])');
      await page.locator('textarea').press('Enter');
      await page.locator('[role=alert]').waitFor();
      await page.getByRole('button', { name: 'Graphite' }).click();
      await page.locator('.start a').first().click();
      await page.locator('canvas').waitFor();
      assert.equal(query(page).get('lang'), 'graphite');
    },
  },
  {
    name: 'a metric stays when the language changes, and so does what was asked',
    async body({ page, url }) {
      await page.goto(`${url}explore?lang=promql&q=load1`);
      await page.locator('canvas').waitFor();
      await page.getByRole('button', { name: 'Graphite' }).click();
      assert.equal(query(page).get('q'), "seriesByTag('name=load1')");
      await page.getByRole('button', { name: 'Timelion' }).click();
      assert.equal(query(page).get('q'), '.es(metric=avg:load1)');
    },
  },
  {
    name: 'a metric is found by some letters of its name, and asked for as its kind wants',
    async body({ page, url }) {
      await page.goto(`${url}explore?lang=promql`);
      await page.getByLabel('Find a metric').fill('load1');
      const found = page
        .getByRole('region', { name: 'What there is' })
        .getByRole('link', { name: /^load1/ })
        .first();
      await found.click();
      assert.equal(query(page).get('q'), 'load1');
      await page.locator('canvas').waitFor();
    },
  },
  {
    name: 'how charts look is chosen and kept in the URL',
    async body({ page, url }) {
      await page.goto(`${url}explore?q=${encodeURIComponent('.static(7), .static(9)')}`);
      await page.locator('canvas').waitFor();
      await page.getByLabel('Style').selectOption('bars');
      await page.getByLabel('Scale').selectOption('log');
      await page.getByLabel('Unit').selectOption('bytes');
      const chosen = ['style', 'scale', 'unit'].map((name) => query(page).get(name));
      assert.deepEqual(chosen, ['bars', 'log', 'bytes']);
      await page.getByText('7 B').first().waitFor();
      await page.getByRole('button', { name: 'Greatest' }).click();
      await page.getByRole('columnheader', { name: 'Greatest', exact: false }).waitFor();
      assert.equal(await page.locator('th[aria-sort=descending]').count(), 1);
      await page.getByRole('button', { name: 'Table', exact: true }).click();
      await page.locator('.table td.time').first().waitFor();
      await page.getByRole('button', { name: 'JSON', exact: true }).click();
      await page.getByText('"points"').first().waitFor();
    },
  },
  {
    name: 'an error is marked at its place',
    async body({ page, url }) {
      await page.goto(`${url}explore`);
      await type(page, '.static(3).nosuchfunction(2)');
      await page.keyboard.press('Enter');
      await page.locator('.mark').first().waitFor();
      assert.match((await page.locator('.mark').allTextContents()).join(''), /nosuchfunction/);
      await page.locator('[role=alert]').waitFor();
    },
  },
  {
    name: 'earlier expressions come back',
    async body({ page, url }) {
      await page.goto(`${url}explore?q=.static(1)`);
      await type(page, '.static(41)');
      await page.keyboard.press('Enter');
      await until(
        'run',
        () => query(page).get('q'),
        (q) => q === '.static(41)',
      );
      await page.locator('textarea').fill('');
      await page.keyboard.press('ArrowUp');
      assert.equal(await page.locator('textarea').inputValue(), '.static(41)');
    },
  },
  {
    name: 'the palette goes anywhere',
    async body({ page, url, host }) {
      await page.goto(url);
      await page.locator('a.host').first().waitFor();
      await page.keyboard.press('Control-k'.replace('-', '+'));
      await page.getByRole('combobox').fill(host);
      await page
        .getByRole('option', { name: new RegExp(host.replaceAll('.', '\\.')) })
        .first()
        .waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/h\//);
      await page.keyboard.press('g');
      await page.keyboard.press('p');
      await page.waitForURL(/\/path/);
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.keyboard.press('g');
      await page.keyboard.press('f');
      await page.locator('a.host').first().waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/h\//);
    },
  },
  {
    name: 'the theme switches and stays',
    async body({ page, url }) {
      await page.goto(url);
      await page.locator('h1').waitFor();
      const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      const light = await ground();
      await page.keyboard.press('t');
      await page.keyboard.press('t');
      await until('dark', ground, (now) => now !== light);
      const dark = await ground();
      await page.reload();
      await page.locator('h1').waitFor();
      assert.equal(await ground(), dark);
    },
  },
  {
    name: 'the filter line and the counters filter',
    async body({ page, url, host }) {
      await page.goto(url);
      await page.locator('a.host').first().waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type(host);
      await until(
        'one host',
        () => page.locator('a.host').allTextContents(),
        (all) => all.includes(host),
      );
      await page.keyboard.type(' cpu>100000');
      await until(
        'none',
        () => page.locator('a.host').count(),
        (count) => count === 0,
      );
      await page.getByRole('button', { name: 'Show all' }).click();
      await until(
        'all',
        () => page.locator('a.host').count(),
        (count) => count > 0,
      );
    },
  },
  {
    name: 'a host has a log that can be filtered, and collectors that say how they stand',
    async body({ page, url, paths }) {
      await page.goto(url + paths.host);
      await page.getByRole('link', { name: 'Log' }).click();
      const lines = page.locator('ol time');
      await lines.first().waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('no line says this');
      await page.getByText('Nothing in this log fits the filter.').waitFor();
      assert.equal(query(page).get('text'), 'no line says this');
      await page.locator('input[data-search]').fill('');
      await lines.first().waitFor();
      await page.getByLabel('Least level').selectOption('error');
      await until(
        'only errors',
        () => page.locator('ol li .level').allTextContents(),
        (all) => all.every((text) => text.trim() === 'error'),
      );
      assert.equal(query(page).get('level'), 'error');
      await page.getByRole('link', { name: /^Collectors/ }).click();
      await page.getByRole('rowheader', { name: 'cpu' }).waitFor();
      await page.getByRole('link', { name: 'Charts' }).click();
      await page.locator('canvas').first().waitFor();
    },
  },
  {
    name: 'a profile can be walked, zoomed, searched and downloaded',
    async body({ page, url, host, paths }) {
      const ask = `${url}api/v1/profile?${new URLSearchParams({ host, seconds: '2' })}`;
      assert.equal((await fetch(ask, { method: 'POST' })).status, 202);
      await page.goto(url + paths.profile);
      const tree = page.getByRole('tree');
      const refused = page.getByText('kernel.perf_event_paranoid');
      await tree.or(refused).first().waitFor({ timeout: 60_000 });
      // Some systems do not let a program look at itself; the page says so.
      if (await refused.count()) return;
      await tree.focus();
      await page.keyboard.press('ArrowDown');
      const selected = page.locator('[role=treeitem][aria-selected=true]');
      assert.equal(await selected.getAttribute('aria-level'), '2');
      const thread = (await selected.getAttribute('aria-label')).split(':')[0];
      await page.keyboard.press('Enter');
      const wide = () => selected.evaluate((box) => box.offsetWidth / box.parentElement.offsetWidth);
      await until('the thread fills the width', wide, (share) => share > 0.99);
      await page.keyboard.press('Escape');
      await page.keyboard.press('/');
      await page.keyboard.type(thread);
      await page.getByText('% of the time').waitFor();
      assert.equal(query(page).get('text'), thread);
      assert.ok((await page.locator('.found').count()) > 0);
      const folded = await (await fetch(await page.getByRole('link', { name: 'Download' }).evaluate((a) => a.href))).text();
      assert.match(folded, /^[^;]+(;[^;]+)* \d+$/m);
    },
  },
  {
    name: 'the data path shows its stages and traces a value',
    async body({ page, url, host }) {
      await page.goto(`${url}path`);
      await page.locator('ol.stages > li').nth(4).waitFor();
      await page.getByLabel('Metric or host').fill(host);
      await page.keyboard.press('Enter');
      await page.locator('.verdict').waitFor();
      assert.equal(query(page).get('trace'), host);
    },
  },
  {
    name: 'a lost server is said and comes back by itself',
    async body(at) {
      const { page, context, complaints } = at;
      await openHost(at);
      await context.setOffline(true);
      await page.getByText(/Server not answering since \d\d:\d\d:\d\d/).waitFor({ timeout: 25_000 });
      assert.ok(await page.locator('canvas').count(), 'the page stays');
      await context.setOffline(false);
      await page.getByText(/Server not answering/).waitFor({ state: 'detached', timeout: 15_000 });
      const first = await picture(page);
      await until(
        'the canvas moves again',
        () => picture(page),
        (now) => now !== first,
      );
      complaints.length = 0; // The browser itself logs every failed request.
    },
  },
  {
    name: 'an unknown host is waited for, an unknown page says so',
    async body({ page, url, complaints }) {
      await page.goto(`${url}h/no-such-host`);
      await page.getByText('Nothing has come from').waitFor();
      await page.goto(`${url}nowhere`);
      await page.getByRole('heading', { name: 'No such page' }).waitFor();
      complaints.length = 0; // The browser itself logs the 404.
    },
  },
  {
    name: 'copying works on plain http',
    view: { flags: ['--host-resolver-rules=MAP mon.lan 127.0.0.1'] },
    async body({ page, url }) {
      const plain = url.replace(/127\.0\.0\.1|localhost/, 'mon.lan');
      if (plain === url) return;
      const answer = await page.goto(plain);
      // A server on loopback rightly refuses foreign host names.
      if (answer.status() === 403) return;
      assert.equal(await page.evaluate(() => isSecureContext), false);
      await page.getByRole('button', { name: 'Copy' }).click();
      await page.getByText('Copied').waitFor();
    },
  },
];
