/** The languages questions are asked in, as the server names them. */

export type Language = 'timelion' | 'graphite' | 'promql' | 'rpn';

export interface About {
  name: Language;
  /** Its own name, the same in every tongue. */
  title: string;
  /** Before the name of a function. */
  dot: string;
  /** What a line may look like. */
  placeholder: string;
  /** Lines that say something where the series they name are there: the first name found counts. */
  examples: { needs: string; expr: string }[];
}

export const LANGUAGES: About[] = [
  { name: 'timelion', title: 'Timelion', dot: '.', placeholder: '.es(metric=avg:load1)', examples: [] },
  {
    name: 'promql',
    title: 'PromQL',
    dot: '',
    placeholder: 'avg by (host) (load1)',
    examples: [
      { needs: 'load1', expr: 'max by (host) (load1)' },
      { needs: 'memory_available_bytes', expr: 'min_over_time(memory_available_bytes[5m]) / 2^30' },
      { needs: 'network_receive_bytes_total', expr: 'topk(5, sum by (host, device) (rate(network_receive_bytes_total[1m])))' },
    ],
  },
  {
    name: 'graphite',
    title: 'Graphite',
    dot: '',
    placeholder: "alias(averageSeries(*.load1), 'load')",
    examples: [
      { needs: 'load1', expr: 'aliasByNode(*.load1, 0)' },
      { needs: 'load1', expr: "movingAverage(seriesByTag('name=load1'), '5min')" },
      { needs: 'network_receive_bytes_total', expr: "perSecond(seriesByTag('name=network_receive_bytes_total'))" },
    ],
  },
  {
    name: 'rpn',
    title: 'RPN',
    dot: '',
    placeholder: 'DEF:a=load1 CDEF:b=a,60,TREND',
    examples: [{ needs: 'load1', expr: 'DEF:a=load1 CDEF:smooth=a,300,TREND XPORT:smooth' }],
  },
];

/** The language of this name; the first one where the name is unknown. */
export function languageOf(name: string | null): About {
  return LANGUAGES.find((one) => one.name === name) ?? LANGUAGES[0];
}
