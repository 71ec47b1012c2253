import type { Spread } from '@slipstream/quality';
import type { AcceptanceFigure } from './measure-acceptance.js';
import type { ThroughputFigure } from './measure-throughput.js';

const command = '`npm run bench:service`';

const row = (figure: string, least: string, { median, iqr, repetitions }: Spread, baseline: string): string[] => [
  figure,
  least,
  median.toFixed(3),
  `IQR ${iqr.toFixed(3)}, ${repetitions} rounds`,
  baseline,
  command,
];

const perSecond = ({ median, iqr }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (IQR ${iqr.toFixed(digits)})`;

/** The figures as rows of the table in docs/benchmarks.md. */
export function markdown(
  inFlight: number,
  { ratio, livezMs, ...throughput }: ThroughputFigure,
  acceptance: AcceptanceFigure,
): string {
  const { servicePicturesPerSecond: service, enginePicturesPerSecond: engine } = throughput;
  const { gatewayPerSecond: gateway, bareAddPerSecond: add, sequentialAddPerSecond: sequential } = acceptance;
  const rows = [
    row(
      `pictures per second through gateway + Redis + worker + storage ÷ bare engine, ${inFlight} requests in flight`,
      '≥ 0.95',
      ratio,
      `service ${perSecond(service, 2)}, bare engine ${perSecond(engine, 2)} pictures/s`,
    ),
    [
      '`/livez` p99 with a saturated engine',
      '≤ 50 ms',
      `${livezMs.p99.toFixed(1)} ms`,
      `p50 ${livezMs.p50.toFixed(1)}, max ${livezMs.max.toFixed(1)} ms, ${livezMs.answers} answers`,
      '',
      command,
    ],
    row(
      'gateway: accepted asynchronous requests per second on one core ÷ bare BullMQ `add` on the same Redis',
      '≥ 0.5',
      acceptance.ratio,
      `gateway ${perSecond(gateway, 0)}, \`add\` ${perSecond(add, 0)} a second; one by one, \`add\` does ${perSecond(sequential, 0)}`,
    ),
  ];
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
