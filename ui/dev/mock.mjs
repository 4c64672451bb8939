// DEVELOPMENT ONLY: a stand-in for the server, with made-up sine data, so that pages can be worked on without one.
// It is never built into anything. Serves the HTTP contract and, when built, the UI itself under its real policy.
//
//   npm run mock              listens on 127.0.0.1:9464 (MOCK_PORT)
//   MOCK_BASE=/some/prefix/   mounts everything below a prefix
//   MOCK_EMPTY=1              a server nobody has sent anything to
//   MOCK_UPSTREAM=URL         no made-up data at all: the built UI from here, answers from a real server
import { existsSync, readFileSync } from 'node:fs';
import { createServer, request as ask } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const port = Number(process.env.MOCK_PORT ?? 9464);
const base = process.env.MOCK_BASE ?? '/';
const empty = process.env.MOCK_EMPTY === '1';
const upstream = process.env.MOCK_UPSTREAM;
const dist = join(fileURLToPath(new URL('.', import.meta.url)), '../dist');
const startedMs = Date.now();

const hosts = empty
  ? []
  : [
      {
        host: 'db1',
        state: 'critical',
        why: 'disk /var/lib/postgresql is 97.3 % full',
        cpu: 0.62,
        disk: 0.973,
        mount: '/var/lib/postgresql',
      },
      { host: 'web3.example.net', state: 'warning', why: 'memory is 91 % used', cpu: 0.34, disk: 0.41, mount: '/' },
      { host: 'backup', state: 'silent', why: 'no data for 14 min', cpu: 0.02, disk: 0.77, mount: '/srv' },
      { host: 'web1.example.net', state: 'ok', why: '', cpu: 0.21, disk: 0.4, mount: '/' },
      { host: 'web2.example.net', state: 'ok', why: '', cpu: 0.19, disk: 0.4, mount: '/' },
      { host: 'workshop', state: 'ok', why: '', cpu: 0.07, disk: 0.55, mount: '/' },
    ];

const GIB = 2 ** 30;
const round = (n, digits = 4) => Math.round(n * 10 ** digits) / 10 ** digits;
/** Smooth, always the same for the same time. */
function wave(name, ms) {
  let seed = 0;
  for (const letter of name) seed = (seed * 31 + letter.charCodeAt(0)) % 9973;
  const s = ms / 1000;
  const jitter = Math.sin(s * 12.9898 + seed) * 43758.5453;
  return 0.5 + 0.22 * Math.sin(s / 97 + seed) + 0.14 * Math.sin(s / 23 + seed * 2) + 0.1 * (jitter - Math.floor(jitter) - 0.5);
}

const families = {
  node_cpu_cores: {
    unit: 'cores',
    split: ['user', 'system', 'iowait', 'steal', 'softirq', 'nice'],
    scale: [1.4, 0.6, 0.2, 0.03, 0.05, 0.02],
  },
  node_load1: { unit: '', split: ['1 min', '5 min', '15 min'], scale: [2.2, 1.9, 1.7] },
  node_memory_bytes: {
    unit: 'bytes',
    split: ['used', 'buffers', 'cached', 'free'],
    scale: [7 * GIB, 0.7 * GIB, 5 * GIB, 3 * GIB],
  },
  node_swap_bytes: { unit: 'bytes', split: ['used'], scale: [0.4 * GIB] },
  node_filesystem_used_ratio: { unit: 'ratio', split: ['/', '/boot', '/var/lib/postgresql'], scale: [0.5, 0.3, 1.1] },
  node_disk_io_bytes_per_second: {
    unit: 'bytes_per_second',
    split: ['nvme0n1 read', 'nvme0n1 write', 'sda read', 'sda write'],
    scale: [4e6, 9e6, 3e5, 5e5],
  },
  node_network_bits_per_second: {
    unit: 'bits_per_second',
    split: ['eth0 in', 'eth0 out', 'wg0 in', 'wg0 out'],
    scale: [4.2e7, -1.8e7, 3e6, -2e6],
  },
  node_tcp_connections: { unit: '', split: ['established', 'time_wait', 'listen', 'close_wait'], scale: [420, 120, 31, 3] },
  node_pressure_ratio: { unit: 'ratio', split: ['cpu', 'memory', 'io'], scale: [0.12, 0.004, 0.08] },
  node_process_count: { unit: '', split: ['running', 'sleeping', 'blocked', 'zombie'], scale: [4, 310, 2, 0.4] },
  http_request_seconds: {
    unit: 'seconds',
    split: Array.from({ length: 24 }, (_, i) => `endpoint-${i + 1}`),
    scale: Array.from({ length: 24 }, (_, i) => 0.012 * (i + 1)),
  },
};

const chart = (id, title, unit, stack, metric, host) => ({
  id,
  title,
  unit,
  stack,
  expr: `.es(q='host:${host}', metric=avg:${metric}, split=mode:12)`,
});
const sections = (host) => [
  {
    id: 'cpu',
    title: 'CPU',
    reason: null,
    charts: [
      chart('cpu_modes', 'CPU by mode', 'cores', true, 'node_cpu_cores', host),
      chart('load', 'Load', '', false, 'node_load1', host),
      chart('pressure', 'Pressure stall', 'ratio', false, 'node_pressure_ratio', host),
    ],
  },
  {
    id: 'memory',
    title: 'Memory',
    reason: null,
    charts: [
      chart('memory', 'Memory', 'bytes', true, 'node_memory_bytes', host),
      chart('swap', 'Swap in use', 'bytes', false, 'node_swap_bytes', host),
    ],
  },
  {
    id: 'disk',
    title: 'Disk',
    reason: null,
    charts: [
      chart('disk_space', 'Space used', 'ratio', false, 'node_filesystem_used_ratio', host),
      chart('disk_io', 'Disk I/O', 'bytes/s', false, 'node_disk_io_bytes_per_second', host),
    ],
  },
  {
    id: 'network',
    title: 'Network',
    reason: null,
    charts: [
      chart('network', 'Traffic', 'bits/s', true, 'node_network_bits_per_second', host),
      chart('tcp', 'TCP connections', '', false, 'node_tcp_connections', host),
    ],
  },
  {
    id: 'processes',
    title: 'Processes',
    reason: null,
    charts: [chart('processes', 'Processes by state', '', true, 'node_process_count', host)],
  },
  { id: 'sensors', title: 'Temperature', reason: 'No temperature sensor was seen on this host.', charts: [] },
];

function facts(one, nowMs) {
  const last = one.state === 'silent' ? nowMs - 14 * 60_000 : nowMs - 800;
  return {
    host: one.host,
    state: one.state,
    why: one.why,
    last_ms: last,
    uptime_seconds: 3_456_789,
    cores: 4,
    memory_total_bytes: 15.6 * GIB,
    os: 'Debian GNU/Linux 12 (bookworm)',
    kernel: 'Linux 6.1.0-28-amd64',
    agent_version: '0.1.0',
    cpu_ratio: round(one.cpu + (wave(one.host, nowMs) - 0.5) * 0.1),
    memory_ratio: one.state === 'warning' ? 0.91 : 0.47,
    disk_ratio: one.disk,
    disk_mount: one.mount,
    network_receive_bytes_per_second: round(5e6 * wave(one.host, nowMs), 0),
    network_transmit_bytes_per_second: round(2e6 * wave(`${one.host}o`, nowMs), 0),
    load1: round(3 * wave(`${one.host}l`, nowMs), 2),
  };
}

function spark(one, nowMs) {
  const start = Math.floor(nowMs / 60_000 - 59) * 60_000;
  const column = (name, scale) =>
    Array.from({ length: 60 }, (_, i) =>
      one.state === 'silent' && i > 45 ? null : round(scale * wave(name, start + i * 60_000)),
    );
  return {
    start_ms: start,
    step_ms: 60_000,
    cpu: column(one.host, one.cpu * 1.4),
    memory: column(`${one.host}m`, 0.6),
    load: column(`${one.host}l`, 3),
    network: column(`${one.host}n`, 5e6),
  };
}

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
function moment(text, nowMs) {
  if (/^\d+$/.test(text)) return Number(text);
  const match = text.match(/^now(?:-(\d+)([smhdw]))?/);
  if (!match) return nowMs - 900_000;
  return nowMs - (match[1] ? Number(match[1]) * UNITS[match[2]] : 0);
}
const STEPS = [1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600, 10_800, 43_200, 86_400].map((s) => s * 1000);
const stepText = (ms) =>
  ms < 60_000
    ? `${ms / 1000}s`
    : ms < 3_600_000
      ? `${ms / 60_000}m`
      : ms < 86_400_000
        ? `${ms / 3_600_000}h`
        : `${ms / 86_400_000}d`;

function evaluate(expr, grid) {
  const fail = (message, start, end, hint = null) => ({
    error: { message, start, end, hint },
    title: null,
    legend: null,
    yaxes: [],
    series: [],
  });
  let depth = 0;
  for (let i = 0; i < expr.length; i += 1) {
    if (expr[i] === '(') depth += 1;
    if (expr[i] === ')') depth -= 1;
    if (depth < 0) return fail('this ) closes nothing', i, i + 1, 'remove it');
  }
  if (depth > 0) return fail('a ) is missing', expr.length - 1, expr.length, 'close the argument list with )');
  for (const call of expr.matchAll(/\.([a-z]\w*)\s*\(/gi)) {
    const known = functions.some((one) => one.name === call[1] || one.aliases.includes(call[1]));
    if (!known)
      return fail(
        `there is no function "${call[1]}"`,
        call.index,
        call.index + 1 + call[1].length,
        call[1] === 'movingavg' ? null : 'did you mean "movingaverage"?',
      );
  }
  const args = (name) => expr.match(new RegExp(`\\.${name}\\(([^)]*)\\)`))?.[1];
  const results = [];
  for (const source of expr.matchAll(/\.(es|static|value)\(([^)]*)\)/g)) {
    if (source[1] !== 'es') {
      results.push({ label: source[2], unit: '', values: Array(grid.count).fill(Number(source[2]) || 0) });
      continue;
    }
    const metric = source[2]
      .match(/\w+:([\w:\\/.]+)/g)
      ?.map((text) => text.split(':')[1])
      .find((name) => families[name]);
    const family = families[metric];
    if (!family) continue;
    const host = source[2].match(/host:([\w.-]+)/)?.[1] ?? 'workshop';
    const many = /split/.test(source[2]) ? family.split.length : 1;
    for (let s = 0; s < many; s += 1) {
      const label = many > 1 ? family.split[s] : `avg:${metric}`;
      const values = Array.from({ length: grid.count }, (_, i) => {
        const ms = grid.start_ms + i * grid.step_ms;
        if (ms > grid.now_ms || (host === 'backup' && ms > grid.now_ms - 14 * 60_000)) return null;
        if (Math.floor(ms / 1000) % 4001 < 40) return null;
        const value = family.scale[s] * wave(host + label + metric, ms);
        return family.unit === 'ratio' ? Math.min(1, round(value, 5)) : round(value, 3);
      });
      results.push({ label, unit: family.unit, values });
    }
  }
  const style = args('lines');
  const flag = (text, name) => text?.match(new RegExp(`${name}=([\\w.]+)`))?.[1];
  const bars = args('bars');
  const yaxis = args('yaxis');
  const label = args('label')?.replace(/["']/g, '');
  const series = results.map((one) => ({
    color: args('color')?.replace(/["']/g, '') ?? null,
    yaxis: Number(yaxis?.match(/^\d+/)?.[0] ?? 1),
    hide: false,
    points: expr.includes('.points(') ? { show: true, radius: 2, weight: 1, fill: 1, symbol: 'circle' } : null,
    bars: bars === undefined ? null : { show: true, width: Number(bars.match(/\d+/)?.[0] ?? 6), stack: true },
    lines:
      style === undefined
        ? null
        : {
            show: flag(style, 'show') !== 'false',
            width: Number(flag(style, 'width') ?? 2),
            fill: Number(flag(style, 'fill') ?? 0),
            stack: flag(style, 'stack') === 'true',
            steps: flag(style, 'steps') === 'true',
          },
    ...one,
    label: label ?? one.label,
  }));
  const legend = args('legend')?.match(/nw|ne|sw|se|none|false/)?.[0];
  return {
    error: null,
    title: args('title')?.replace(/["']/g, '') ?? null,
    legend: legend ? { position: legend === 'false' ? 'none' : legend, columns: null } : null,
    yaxes: yaxis
      ? [
          {
            index: Number(yaxis.match(/^\d+/)?.[0] ?? 1),
            min: null,
            max: flag(yaxis, 'max') ? Number(flag(yaxis, 'max')) : null,
            label: flag(yaxis, 'label') ?? null,
            units: flag(yaxis, 'units') ?? null,
            position: flag(yaxis, 'position') ?? null,
          },
        ]
      : [],
    series,
  };
}

function run(body, onlyLast = 0) {
  const nowMs = Date.now();
  const [from, to] = [moment(body.from, nowMs), moment(body.to, nowMs)];
  const step = STEPS.find((one) => (to - from) / one <= (body.points ?? 400)) ?? STEPS.at(-1);
  let start = Math.floor(from / step) * step;
  const end = Math.floor(to / step) * step;
  if (onlyLast) start = Math.max(start, end - onlyLast * step);
  const grid = { start_ms: start, step_ms: step, count: Math.round((end - start) / step) + 1, now_ms: nowMs };
  const results = body.exprs.map((expr) => evaluate(expr, grid));
  const count = results.reduce((sum, one) => sum + one.series.length, 0);
  return {
    from_ms: from,
    to_ms: to,
    interval: stepText(step),
    ...grid,
    results,
    replace: !onlyLast,
    stats: {
      series: count,
      samples: count * grid.count,
      parse_us: 41,
      find_us: 120,
      read_us: 1830,
      compute_us: 640,
      tier: 'raw',
    },
  };
}

const arg = (name, types, fallback, doc, suggestions = []) => ({
  name,
  types,
  default: fallback,
  multi: false,
  doc,
  suggestions,
});
const functions = [
  {
    name: 'es',
    aliases: ['elasticsearch'],
    summary: 'Reads series of this server.',
    source: true,
    example: ".es(q='host:web*', metric=avg:node_load1)",
    args: [
      arg('q', ['string'], '*', 'Which series, in Lucene syntax.'),
      arg('metric', ['string'], 'count', 'How values of an interval become one, and of which metric.', [
        'avg:',
        'sum:',
        'min:',
        'max:',
        'count',
        'last:',
      ]),
      arg('split', ['string'], '', 'One series for each value of a label, at most so many.'),
      arg('offset', ['string'], '', 'Reads an earlier time and shows it as now.'),
      arg('interval', ['string'], 'auto', 'The length of one step.'),
      arg('fit', ['string'], 'nearest', 'How values are fitted into steps.', ['average', 'carry', 'nearest', 'none', 'scale']),
    ],
  },
  {
    name: 'static',
    aliases: ['value'],
    summary: 'One value all the way.',
    source: true,
    example: '.static(80)',
    args: [arg('value', ['number', 'string'], '', 'The value.'), arg('label', ['string'], '', 'Its name.')],
  },
  {
    name: 'movingaverage',
    aliases: ['mvavg'],
    summary: 'The mean of a moving window.',
    source: false,
    example: '.movingaverage(10)',
    args: [
      arg('window', ['number', 'string'], '', 'How many points, or how long.'),
      arg('position', ['string'], 'center', 'Where the window stands.', ['left', 'center', 'right']),
    ],
  },
  ...[
    'label',
    'title',
    'color',
    'lines',
    'bars',
    'points',
    'derivative',
    'cusum',
    'min',
    'max',
    'sum',
    'subtract',
    'multiply',
    'divide',
    'abs',
    'log',
    'trim',
    'fit',
    'if',
    'hide',
    'yaxis',
    'legend',
  ].map((name) => ({
    name,
    aliases: [],
    summary: `Applies ${name} to every series.`,
    source: false,
    example: `.${name}()`,
    args: [arg('value', ['string'], '', 'What to apply.')],
  })),
];

function complete(text, cursor) {
  const before = text.slice(0, cursor);
  const offer = (start, items) => ({ start, end: cursor, items });
  let match;
  if ((match = before.match(/(?:avg|sum|min|max|last|count):([\w]*)$/)))
    return offer(
      cursor - match[1].length,
      Object.keys(families)
        .filter((name) => name.includes(match[1]))
        .map((name) => ({ text: name, label: name, kind: 'metric', detail: families[name].unit, doc: null })),
    );
  if ((match = before.match(/metric\s*=\s*(\w*)$/)))
    return offer(
      cursor - match[1].length,
      ['avg', 'sum', 'min', 'max', 'count', 'last']
        .filter((name) => name.startsWith(match[1]))
        .map((name) => ({ text: `${name}:`, label: name, kind: 'keyword', detail: null, doc: `The ${name} of each step.` })),
    );
  if ((match = before.match(/host:([\w.-]*)$/)))
    return offer(
      cursor - match[1].length,
      hosts
        .map((one) => one.host)
        .filter((name) => name.startsWith(match[1]))
        .map((name) => ({ text: name, label: name, kind: 'value', detail: 'host', doc: null })),
    );
  if ((match = before.match(/\.(\w*)$/)))
    return offer(
      cursor - match[1].length,
      functions
        .filter((one) => one.name.startsWith(match[1]))
        .map((one) => ({
          text: `${one.name}(`,
          label: one.name,
          kind: 'function',
          detail: one.args.map((a) => a.name).join(', '),
          doc: one.summary,
        })),
    );
  if ((match = before.match(/\.(\w+)\([^()]*?(?:,\s*|\()(\w*)$/) ?? before.match(/\.(\w+)\((\w*)$/))) {
    const found = functions.find((one) => one.name === match[1]);
    if (found)
      return offer(
        cursor - match[2].length,
        found.args
          .filter((a) => a.name.startsWith(match[2]))
          .map((a) => ({ text: `${a.name}=`, label: a.name, kind: 'argument', detail: a.types.join(' or '), doc: a.doc })),
      );
  }
  return offer(cursor, []);
}

function dataPath() {
  const nowMs = Date.now();
  const total = empty ? 0 : Math.round((nowMs - startedMs) * 0.56);
  const stage = (id, title, note, more = {}) => ({
    id,
    title,
    rate: empty ? 0 : round(540 + 40 * wave(id, nowMs), 1),
    rate_unit: 'samples/s',
    total,
    queue_used: null,
    queue_size: null,
    queue_unit: null,
    oldest_ms: null,
    drops: [],
    note,
    ...more,
  });
  return {
    now_ms: nowMs,
    stages: [
      stage('collect', 'Collect', 'Collectors read /proc and /sys once a second.', {
        drops: [{ reason: 'collector took too long', count: 0 }],
      }),
      stage('spool', 'Spool', 'Batches wait on disk until the server has them.', {
        queue_used: Math.round(3e5 * wave('sp', nowMs)),
        queue_size: 67_108_864,
        queue_unit: 'bytes',
        oldest_ms: nowMs - 1000,
      }),
      stage('wire', 'Wire', 'One connection, kept open.', {}),
      stage('decode', 'Decode', 'Bytes become columns; bad lines are refused with their number.', {
        drops: [
          { reason: 'not a number', count: 3 },
          { reason: 'label too long', count: 12 },
        ],
      }),
      stage('queue', 'Queue', 'Between the doors and the store.', { queue_used: 3, queue_size: 64, queue_unit: 'items' }),
      stage('wal', 'Log', 'Written and synced before anyone sees it.', { rate_unit: 'samples/s' }),
      stage('head', 'Memory', 'The newest two hours, readable at once.', {
        queue_used: 812_345,
        queue_size: 4_000_000,
        queue_unit: 'items',
      }),
      stage('blocks', 'Blocks', 'Sealed windows on disk.', { rate: 0.02, rate_unit: 'blocks/s' }),
      stage('query', 'Query', 'Memory and disk woven together.', { rate: 11.2, rate_unit: 'queries/s' }),
      stage('screen', 'Screen', 'Frames sent to open pages.', { rate: 1, rate_unit: 'frames/s' }),
    ],
    protocols: empty
      ? []
      : [
          {
            name: 'native',
            requests_total: 8123,
            samples_total: total,
            rejected_total: 0,
            last_ms: nowMs - 700,
            last_error: null,
          },
          {
            name: 'prometheus remote write',
            requests_total: 412,
            samples_total: 91_220,
            rejected_total: 4,
            last_ms: nowMs - 4200,
            last_error: 'sample 17: the time is 4 min in the future',
          },
          { name: 'influx line', requests_total: 0, samples_total: 0, rejected_total: 0, last_ms: null, last_error: null },
        ],
  };
}

const COLLECTORS = ['cpu', 'load', 'memory', 'disk', 'network', 'tcp', 'filesystem', 'processes', 'zfs', 'smart', 'nfs'];
function partsOf(one, nowMs) {
  return COLLECTORS.map((name, i) => {
    const broken = one.state !== 'ok' && (name === 'smart' || (name === 'nfs' && one.state === 'critical'));
    return {
      part: 'collector',
      name,
      last_ms: name === 'smart' ? null : nowMs - (i % 4) * 1000,
      took_us: 20 + i * 37,
      samples: broken || name === 'zfs' ? 0 : 4 + i * 3,
      problem: broken ? `cannot read /dev/${name}0: Permission denied (os error 13); give the agent CAP_SYS_RAWIO` : '',
      since_ms: nowMs - 3_600_000,
    };
  });
}

const LINES = [
  ['info', 'agent', 'shipping works again', {}],
  ['warn', 'agent', 'shipping: connection refused', { server: 'http://mon:9463' }],
  ['debug', 'agent', 'segment 71 is acknowledged', { bytes: '81222' }],
  ['info', 'deploy', 'deployed shop 4.2.1', { by: 'ci' }],
  ['error', 'agent', 'the spool: No space left on device (os error 28)', {}],
];
const LINE_EVERY_MS = 2500;
const RANKS = ['trace', 'debug', 'info', 'warn', 'error'];
/** A line every few seconds since two days ago, always the same for the same time. */
function eventsOf(query, nowMs) {
  const one = hosts.find((host) => host.host === query.get('host'));
  const before = Number((query.get('before') ?? '').split('.')[0]) || Math.min(nowMs + 1, Number(query.get('to')) || Infinity);
  const events = [];
  let at = Math.floor((before - 1) / LINE_EVERY_MS) * LINE_EVERY_MS;
  for (; one && events.length < 200 && at > nowMs - 1_728_000; at -= LINE_EVERY_MS) {
    const number = at / LINE_EVERY_MS;
    const [level, source, text, fields] = LINES[number % LINES.length];
    if (RANKS.indexOf(level) < RANKS.indexOf(query.get('level') ?? 'trace')) continue;
    if (!text.includes(query.get('text') ?? '')) continue;
    const kind = source === 'deploy' ? 'note' : 'log';
    events.push({ time_ms: at, number, host: one.host, kind, level, source, text, fields });
  }
  const last = events.at(-1);
  return { now_ms: nowMs, events, next: events.length === 200 ? `${last.time_ms}.${last.number}` : null };
}

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** What a body holds; of an export of several lines only the first counts here. */
function jsonOf(text) {
  try {
    return JSON.parse(text || '{}');
  } catch {
    return JSON.parse(text.split('\n')[0]);
  }
}

const sheets = new Map();
function keepSheet({ id, attributes, ...own }) {
  const saved = attributes ? { title: attributes.title, exprs: attributes.timelion_sheet, compatible: true } : own;
  const free = () => (sheets.has('sheet') ? `sheet-${sheets.size + 1}` : 'sheet');
  const looks = { description: '', columns: 2, rows: 2, interval: 'auto', compatible: false };
  const sheet = { ...looks, ...saved, id: sheets.has(id) ? id : free(), changed_ms: Date.now() };
  sheets.set(sheet.id, sheet);
  return sheet;
}
keepSheet({ title: 'Load of the shop', exprs: ['.es(metric=avg:load1)', '@1.movingaverage(10)', '.static(1)'] });

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://x');
  const send = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(body));
  };
  if (!url.pathname.startsWith(base)) return send(404, { error: 'outside the base path', hint: null, start: null, end: null });
  const path = `/${url.pathname.slice(base.length)}`;
  if (upstream && /^\/(api|health)/.test(path)) {
    const { hostname, port: theirs } = new URL(upstream);
    const headers = { ...request.headers, host: `${hostname}:${theirs}` };
    const passed = ask({ hostname, port: theirs, path: path + url.search, method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    return request.pipe(passed);
  }
  const nowMs = Date.now();
  let text = '';
  for await (const chunk of request) text += chunk;
  const body = jsonOf(text);
  const find = (name) => hosts.find((one) => one.host === name);

  const sheet = /^\/api\/v1\/sheets\/([^/]+)/.exec(path)?.[1];
  if (sheet) {
    if (!sheets.has(sheet)) return send(404, { error: `there is no sheet \`${sheet}\``, hint: null });
    if (request.method === 'DELETE') return send(200, { gone: sheets.delete(sheet) });
    return send(200, request.method === 'PUT' ? keepSheet({ ...body, id: sheet }) : sheets.get(sheet));
  }
  switch (path) {
    case '/health':
      return response.end('ok');
    case '/api/v1/about':
      return send(200, {
        product: 'Windhover',
        version: '0.1.0',
        host: 'workshop',
        role: 'up',
        started_ms: startedMs,
        now_ms: nowMs,
        listen: '127.0.0.1:9463',
        loopback_only: true,
        data: '/var/lib/windhover',
        series: 1234,
        samples_total: 1e6,
        samples_per_second: 560.2,
        disk_bytes: 5e6,
        hosts: hosts.length,
        join: 'windhover join http://workshop:9463 --token TOKEN',
      });
    case '/api/v1/fleet':
      return send(200, {
        now_ms: nowMs,
        hosts: hosts.map((one) => ({
          ...facts(one, nowMs),
          spark: spark(one, nowMs),
          problems: partsOf(one, nowMs).filter((part) => part.problem).length,
        })),
      });
    case '/api/v1/host': {
      const one = find(url.searchParams.get('name'));
      if (!one) return send(404, { error: 'no such host', hint: null, start: null, end: null });
      return send(200, {
        now_ms: nowMs,
        first_ms: nowMs - 9e8,
        ...facts(one, nowMs),
        problems: partsOf(one, nowMs).filter((part) => part.problem).length,
        sections: sections(one.host),
      });
    }
    case '/api/v1/processes': {
      const at = Number(url.searchParams.get('at'));
      const names = ['postgres', 'windhover', 'nginx', 'node', 'chromium', 'systemd-journald', 'sshd', 'cron'];
      const rows = names
        .map((name, i) => ({
          name,
          cpu_ratio: round(wave(name, at) / (i + 1), 3),
          memory_bytes: Math.round((wave(name, at / 9) * 2 * GIB) / (i + 1)),
          count: i % 3 ? 1 : 12 - i,
        }))
        .sort((a, b) => b.cpu_ratio - a.cpu_ratio);
      return send(200, { at_ms: Math.floor(at / 1000) * 1000, rows, reason: null });
    }
    case '/api/v1/standings': {
      const one = find(url.searchParams.get('host'));
      const told = one ? [{ host: one.host, time_ms: nowMs - 2000, parts: partsOf(one, nowMs - 2000) }] : [];
      return send(200, { now_ms: nowMs, hosts: told });
    }
    case '/api/v1/profiles': {
      const told = {
        time_ms: startedMs,
        source: 'agent',
        empty: false,
        seconds: 60,
        cpu_us: 41000,
        samples: 205,
        why: 'schedule',
      };
      return send(200, { profiles: [told], now_ms: nowMs, waiting: false, why_not: null });
    }
    case '/api/v1/profile':
      if (request.method === 'POST') return send(202, { seconds: 60 });
      response.writeHead(200, { 'content-type': 'text/plain' });
      return response.end(
        'collect;mock::Scheduler::run;mock::cpu::collect 9000\ncollect;mock::Scheduler::run;mock::disk::collect;[kernel] 21000\nship;mock::send;[kernel] 8000\n[not seen] 3000\n',
      );
    case '/api/v1/events':
      return send(200, eventsOf(url.searchParams, nowMs));
    case '/api/v1/events/live': {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      const tell = (page) => response.write(`event: events\ndata: ${JSON.stringify(page)}\n\n`);
      let seenMs = nowMs;
      tell(eventsOf(url.searchParams, nowMs));
      const timer = setInterval(() => {
        const page = eventsOf(url.searchParams, Date.now());
        page.events = page.events.filter((event) => event.time_ms > seenMs);
        seenMs = Date.now();
        if (page.events.length) tell(page);
      }, 1000);
      return request.on('close', () => clearInterval(timer));
    }
    case '/api/v1/run':
      return send(200, run(body));
    case '/api/v1/live': {
      const wanted = JSON.parse(url.searchParams.get('request'));
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(`event: frame\ndata: ${JSON.stringify(run(wanted))}\n\n`);
      const timer = setInterval(() => response.write(`event: frame\ndata: ${JSON.stringify(run(wanted, 3))}\n\n`), 1000);
      return request.on('close', () => clearInterval(timer));
    }
    case '/api/v1/complete':
      return send(200, complete(body.text, body.cursor));
    case '/api/v1/functions':
      return send(200, { functions });
    case '/api/v1/label/__name__/values':
      return send(200, { status: 'success', data: empty ? [] : Object.keys(families) });
    case '/api/v1/search/metric_names': {
      const part = (url.searchParams.get('search[]') ?? '').toLowerCase();
      const names = empty ? [] : Object.keys(families).filter((name) => name.includes(part));
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      return response.end(
        `${JSON.stringify({ results: names.map((name) => ({ name })) })}\n{"status":"success","has_more":false}\n`,
      );
    }
    case '/api/v1/sheets':
      if (request.method === 'POST') return send(200, { sheets: [keepSheet(body)] });
      return send(200, { sheets: [...sheets.values()].map((one) => ({ ...one, charts: one.exprs.length })) });
    case '/api/v1/path':
      return send(200, dataPath());
    case '/api/v1/path/trace': {
      const name = url.searchParams.get('name');
      const known = families[name] || find(name);
      const steps = dataPath()
        .stages.slice(0, 8)
        .map((one, i) => ({
          stage: one.id,
          state: known || i < 3 ? (i === 2 ? 'unknown' : 'ok') : 'missing',
          text: known || i < 3 ? 'seen 1 s ago' : 'never seen here',
          last_ms: known ? nowMs - 1000 : null,
        }));
      return send(200, {
        name,
        steps,
        verdict: known
          ? `"${name}" reaches the store; its newest value is 1 s old.`
          : `Nothing named "${name}" has ever come through a door of this server.`,
      });
    }
  }
  if (path.startsWith('/api/')) return send(404, { error: `there is no ${path}`, hint: null, start: null, end: null });
  const file = path.match(/\.\w+$/) ? join(dist, path) : '';
  const depth = path.split('/').length - 2;
  response.setHeader('content-security-policy', "default-src 'self'");
  if (file && existsSync(file) && !path.includes('..')) {
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    return response.end(readFileSync(file));
  }
  if (!existsSync(join(dist, 'index.html')))
    return send(404, { error: 'run npm run build first', hint: null, start: null, end: null });
  response.writeHead(200, { 'content-type': TYPES['.html'] });
  response.end(readFileSync(join(dist, 'index.html'), 'utf8').replaceAll('"./', `"${'../'.repeat(depth) || './'}`));
}).listen(port, '127.0.0.1', () => console.log(`mock server, made-up data: http://127.0.0.1:${port}${base}`));
