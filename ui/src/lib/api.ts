/** The server's HTTP contract: one type for each answer, one function for each request. */
import type { Language } from '../editor/languages';
import { link } from './link.svelte';
import { base } from './url.svelte';

export interface About {
  product: string;
  version: string;
  host: string;
  role: string;
  started_ms: number;
  now_ms: number;
  listen: string;
  loopback_only: boolean;
  data: string;
  series: number;
  samples_total: number;
  samples_per_second: number;
  disk_bytes: number;
  hosts: number;
  join: string;
}

export type HostState = 'ok' | 'warning' | 'critical' | 'silent';

/** What is known of a host now; a value nobody sent is null. */
export interface HostFacts {
  host: string;
  state: HostState;
  why: string;
  last_ms: number;
  uptime_seconds: number | null;
  cores: number | null;
  memory_total_bytes: number | null;
  os: string | null;
  kernel: string | null;
  agent_version: string | null;
  cpu_ratio: number | null;
  memory_ratio: number | null;
  disk_ratio: number | null;
  disk_mount: string | null;
  network_receive_bytes_per_second: number | null;
  network_transmit_bytes_per_second: number | null;
  load1: number | null;
}

export type Values = (number | null)[];

export interface Spark {
  start_ms: number;
  step_ms: number;
  cpu: Values;
  memory: Values;
  load: Values;
  network: Values;
}

export interface FleetRow extends HostFacts {
  spark: Spark | null;
  /** How many of its collectors, plugins, checks and doors do not do what they should. */
  problems: number;
}

export interface Fleet {
  now_ms: number;
  hosts: FleetRow[];
}

export interface ChartPlan {
  id: string;
  title: string;
  unit: string;
  stack: boolean;
  expr: string;
}

export interface Section {
  id: string;
  title: string;
  reason: string | null;
  charts: ChartPlan[];
}

export interface Host extends HostFacts {
  now_ms: number;
  first_ms: number;
  problems: number;
  sections: Section[];
}

export interface Processes {
  at_ms: number;
  rows: { name: string; cpu_ratio: number | null; memory_bytes: number | null; count: number }[];
  reason: string | null;
}

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** Something that happened; `number` counts events in the order in which they came. */
export interface EventRow {
  time_ms: number;
  number: number;
  host: string;
  kind: 'log' | 'standing' | 'note' | '';
  level: Level;
  source: string;
  text: string;
  fields: Record<string, string>;
}

export interface EventPage {
  now_ms: number;
  /** Newest first. */
  events: EventRow[];
  /** What to name as `before` for the page of older ones; null when there are none. */
  next: string | null;
}

/** Which events; what is absent does not matter. */
export interface EventsAsked {
  host?: string;
  level?: string;
  text?: string;
  to?: string;
  before?: string;
}

/** One collector, plugin, check or door. */
export interface Part {
  part: string;
  name: string;
  last_ms: number | null;
  took_us: number;
  samples: number;
  problem: string;
  since_ms: number;
}

export interface Standings {
  now_ms: number;
  hosts: { host: string; time_ms: number; parts: Part[] }[];
}

export interface RunRequest {
  language: Language;
  exprs: string[];
  from: string;
  to: string;
  tz: string | null;
  interval: string;
  points: number;
  /** Take null for 0 where Kibana's Timelion does. */
  compatible?: boolean;
  /** Tell what was done, step by step. */
  explain?: boolean;
}

/** A sheet as the list of them tells it. */
export interface SheetRow {
  id: string;
  title: string;
  description: string;
  charts: number;
  changed_ms: number;
}

/** Expressions that are looked at together. */
export interface Sheet {
  id: string;
  title: string;
  description: string;
  exprs: string[];
  columns: number;
  rows: number;
  interval: string;
  compatible: boolean;
  changed_ms: number;
}

/** What is wrong with an expression and where: offsets in characters. */
export interface ExprError {
  message: string;
  start: number | null;
  end: number | null;
  hint: string | null;
}

export interface SeriesFrame {
  label: string;
  color: string | null;
  yaxis: number;
  hide: boolean;
  unit: string;
  lines: { show?: boolean; width?: number; fill?: number; stack?: boolean; steps?: boolean } | null;
  bars: { show?: boolean; width?: number; stack?: boolean } | null;
  points: { show?: boolean; radius?: number; weight?: number; fill?: number; symbol?: string } | null;
  values: Values;
}

export interface YAxis {
  index: number;
  min: number | null;
  max: number | null;
  label: string | null;
  units: string | null;
  decimals: number | null;
  position: 'left' | 'right' | null;
}

export interface Legend {
  position: 'nw' | 'ne' | 'sw' | 'se' | 'none' | null;
  columns: number | null;
}

export interface ExprResult {
  error: ExprError | null;
  /** What the reader should know about a good answer. */
  note?: string | null;
  title: string | null;
  legend: Legend | null;
  yaxes: YAxis[];
  series: SeriesFrame[];
}

export interface RunStats {
  series: number;
  samples: number;
  parse_us: number;
  find_us: number;
  read_us: number;
  compute_us: number;
  tier: string;
}

/** A metric, and what is known of it. */
export interface MetricRow {
  name: string;
  type?: string;
  unit?: string;
  help?: string;
}

/** One thing that was done for an answer. */
export interface RunStep {
  step: number;
  does: string;
  series_read: number;
  samples: number;
  series: number;
  values: number;
  time_us: number;
}

export interface RunAnswer {
  from_ms: number;
  to_ms: number;
  start_ms: number;
  step_ms: number;
  /** Every grid point, where months or the days of a clock change make steps of unequal length. */
  times_ms?: number[] | null;
  count: number;
  interval: string;
  now_ms: number;
  results: ExprResult[];
  stats: RunStats;
  /** What was done, where that was asked for. */
  steps?: RunStep[];
  /** Only in a live stream: whether this replaces what was shown or adds to its end. */
  replace?: boolean;
}

export interface CompletionItem {
  text: string;
  label: string;
  kind: 'function' | 'argument' | 'metric' | 'label' | 'value' | 'keyword';
  detail: string | null;
  doc: string | null;
}

export interface Completion {
  start: number;
  end: number;
  items: CompletionItem[];
}

export interface FunctionArg {
  name: string;
  types: string[];
  default: string;
  multi: boolean;
  doc: string;
  suggestions: string[];
}

export interface FunctionDoc {
  name: string;
  aliases: string[];
  summary: string;
  source: boolean;
  args: FunctionArg[];
  example: string;
}

export interface Stage {
  id: string;
  title: string;
  rate: number | null;
  rate_unit: string;
  total: number | null;
  queue_used: number | null;
  queue_size: number | null;
  queue_unit: 'bytes' | 'items' | null;
  oldest_ms: number | null;
  drops: { reason: string; count: number }[];
  note: string;
}

export interface Protocol {
  name: string;
  requests_total: number;
  samples_total: number;
  rejected_total: number;
  last_ms: number | null;
  last_error: string | null;
}

export interface DataPath {
  now_ms: number;
  stages: Stage[];
  protocols: Protocol[];
}

export interface Trace {
  name: string;
  steps: { stage: string; state: 'ok' | 'missing' | 'unknown'; text: string; last_ms: number | null }[];
  verdict: string;
}

/** Where a host's agent spent its own processor time; what it did not tell is missing. */
export interface Profile {
  time_ms: number;
  /** The program: `agent`, `server` or `up`. */
  source: string;
  /** Nothing was seen; `problem` says why. */
  empty: boolean;
  seconds?: number;
  cpu_us?: number;
  samples?: number;
  lost?: number;
  /** What looking cost beside it, in µs of processor time. */
  cost_us?: number;
  /** `no` when time in the kernel could not be seen. */
  kernel?: string;
  problem?: string;
  why?: string;
}

export interface Profiles {
  /** Newest first. */
  profiles: Profile[];
  now_ms: number;
  /** One was asked for, and the agent has not heard of it yet. */
  waiting: boolean;
  /** Why none can be asked for. */
  why_not: string | null;
}

/** The server understood and refused: its own words and, where it knows one, what to do. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly hint: string | null,
  ) {
    super(message);
  }
}

/** Whether an error only says that a newer request took the place of this one. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

async function answer(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${base}api/v1/${path}`, init);
  } catch (error) {
    if (!isAbort(error)) link.lost();
    throw error;
  }
  link.answered();
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  throw new ApiError(response.status, body?.error ?? `${response.status} ${response.statusText}`, body?.hint ?? null);
}

async function request<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await answer(path, init);
  return (await response.json().catch(() => null)) as T;
}

function get<T>(path: string, query: Record<string, string> = {}, signal?: AbortSignal): Promise<T> {
  const text = new URLSearchParams(query).toString();
  return request<T>(text ? `${path}?${text}` : path, { signal });
}

function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return request<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
}

function profileQuery(host: string, which: Profile): string {
  return new URLSearchParams({ host, time_ms: String(which.time_ms), source: which.source }).toString();
}

export const api = {
  about: (signal?: AbortSignal) => get<About>('about', {}, signal),
  fleet: (signal?: AbortSignal) => get<Fleet>('fleet', {}, signal),
  host: (name: string, signal?: AbortSignal) => get<Host>('host', { name }, signal),
  processes: (host: string, atMs: number, signal?: AbortSignal) =>
    get<Processes>('processes', { host, at: String(Math.round(atMs)) }, signal),
  run: (body: RunRequest, signal?: AbortSignal) => post<RunAnswer>('run', body, signal),
  liveUrl: (body: RunRequest) => `${base}api/v1/live?request=${encodeURIComponent(JSON.stringify(body))}`,
  complete: (language: Language, text: string, cursor: number, signal?: AbortSignal) =>
    post<Completion>('complete', { language, text, cursor }, signal),
  functions: (language: Language) => get<{ functions: FunctionDoc[] }>('functions', { language }),
  /** Which of these metric names the server has. */
  metrics: async (names: string[]) => {
    const match = `{__name__=~"${names.join('|')}"}`;
    return (await get<{ data: string[] }>('label/__name__/values', { 'match[]': match })).data;
  },
  /** PromQL on lines that fit. */
  format: async (expr: string) => (await get<{ data: string }>('format_query', { query: expr })).data,
  /** Metrics of the last hour whose names are like a text, best first; all in their order for none. */
  searchMetrics: async (text: string, limit: number, signal?: AbortSignal) => {
    const query = new URLSearchParams({ limit: String(limit), include_metadata: 'true', case_sensitive: 'false' });
    if (text) query.set('search[]', text.replaceAll(/\s+/g, ''));
    if (text) query.set('sort_by', 'score');
    const lines = (await (await answer(`search/metric_names?${query}`, { signal })).text()).split('\n').filter(Boolean);
    const batches = lines.map((line) => JSON.parse(line) as { results?: MetricRow[]; has_more?: boolean });
    return { rows: batches.flatMap((one) => one.results ?? []), more: batches.some((one) => one.has_more) };
  },
  path: (signal?: AbortSignal) => get<DataPath>('path', {}, signal),
  events: (asked: EventsAsked, signal?: AbortSignal) => get<EventPage>('events', { ...asked }, signal),
  eventsLiveUrl: (asked: EventsAsked) => `${base}api/v1/events/live?${new URLSearchParams({ ...asked })}`,
  standings: (host: string, signal?: AbortSignal) => get<Standings>('standings', { host }, signal),
  profiles: (host: string, signal?: AbortSignal) => get<Profiles>('profiles', { host }, signal),
  profile: async (host: string, which: Profile, signal?: AbortSignal) =>
    (await answer(`profile?${profileQuery(host, which)}`, { signal })).text(),
  profileUrl: (host: string, which: Profile) => `${base}api/v1/profile?${profileQuery(host, which)}&download=1`,
  askProfile: (host: string) => post<unknown>(`profile?${new URLSearchParams({ host })}`, {}),
  sheets: () => get<{ sheets: SheetRow[] }>('sheets'),
  sheet: (id: string) => get<Sheet>(`sheets/${encodeURIComponent(id)}`),
  /** Keeps what is in a text: a sheet, or an export of Kibana. */
  addSheets: (text: string) => request<{ sheets: { id: string }[] }>('sheets', { method: 'POST', body: text }),
  /** Keeps a sheet; one that somebody else changed since it was read only if that is to be overwritten (else status 412). */
  putSheet: (sheet: Sheet, overwrite = false) =>
    request<Sheet>(`sheets/${encodeURIComponent(sheet.id)}`, {
      method: 'PUT',
      headers: { 'if-match': overwrite ? '*' : `"${sheet.changed_ms}"` },
      body: JSON.stringify(sheet),
    }),
  removeSheet: (id: string) => request<unknown>(`sheets/${encodeURIComponent(id)}`, { method: 'DELETE' }),
  sheetExportUrl: (id: string) => `${base}api/v1/sheets/${encodeURIComponent(id)}/export`,
  trace: (name: string, signal?: AbortSignal) => get<Trace>('path/trace', { name }, signal),
};
