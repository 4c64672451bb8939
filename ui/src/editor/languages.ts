/** The languages questions are asked in, as the server names them. */

export type Language = 'timelion' | 'graphite' | 'promql' | 'rpn';

/** What an example shows: the end of a message's name. */
export type Says =
  'loadByHost' | 'loadBefore' | 'loadSmoothed' | 'cpuStacked' | 'memoryLeast' | 'networkBusiest' | 'networkReceived';

export interface About {
  name: Language;
  /** Its own name, the same in every tongue. */
  title: string;
  /** Before the name of a function. */
  dot: string;
  /** What a line may look like. */
  placeholder: string;
  /** Lines that say something where the series they name are there: the first name found counts. */
  examples: { needs: string; says: Says; expr: string }[];
}

export const LANGUAGES: About[] = [
  {
    name: 'timelion',
    title: 'Timelion',
    dot: '.',
    placeholder: '.es(metric=avg:load1)',
    examples: [
      { needs: 'load1', says: 'loadByHost', expr: '.es(metric=avg:load1, split=host:5)' },
      {
        needs: 'load1',
        says: 'loadBefore',
        expr: ".es(metric=avg:load1), .es(metric=avg:load1, offset=-1h).label('an hour before')",
      },
      {
        needs: 'cpu_seconds_total',
        says: 'cpuStacked',
        expr: '.es(metric=rate:cpu_seconds_total, split=mode:8).lines(stack=true, fill=5)',
      },
    ],
  },
  {
    name: 'promql',
    title: 'PromQL',
    dot: '',
    placeholder: 'avg by (host) (load1)',
    examples: [
      { needs: 'load1', says: 'loadByHost', expr: 'max by (host) (load1)' },
      { needs: 'memory_available_bytes', says: 'memoryLeast', expr: 'min_over_time(memory_available_bytes[5m]) / 2^30' },
      {
        needs: 'network_receive_bytes_total',
        says: 'networkBusiest',
        expr: 'topk(5, sum by (host, device) (rate(network_receive_bytes_total[1m])))',
      },
    ],
  },
  {
    name: 'graphite',
    title: 'Graphite',
    dot: '',
    placeholder: "alias(averageSeries(*.load1), 'load')",
    examples: [
      { needs: 'load1', says: 'loadByHost', expr: 'aliasByNode(*.load1, 0)' },
      { needs: 'load1', says: 'loadSmoothed', expr: "movingAverage(seriesByTag('name=load1'), '5min')" },
      {
        needs: 'network_receive_bytes_total',
        says: 'networkReceived',
        expr: "perSecond(seriesByTag('name=network_receive_bytes_total'))",
      },
    ],
  },
  {
    name: 'rpn',
    title: 'RPN',
    dot: '',
    placeholder: 'DEF:a=load1 CDEF:b=a,60,TREND',
    examples: [{ needs: 'load1', says: 'loadSmoothed', expr: 'DEF:a=load1 CDEF:smooth=a,300,TREND XPORT:smooth' }],
  },
];

/** The language of this name; the first one where the name is unknown. */
export function languageOf(name: string | null): About {
  return LANGUAGES.find((one) => one.name === name) ?? LANGUAGES[0];
}
