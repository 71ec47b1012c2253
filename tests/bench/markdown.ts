import type { Spread } from '@slipstream/quality';
import type { AcceptanceFigure } from './measure-acceptance.js';
import type { ThroughputFigure } from './measure-throughput.js';

const value = ({ median, iqr }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (IQR ${iqr.toFixed(digits)})`;

/** The figures as rows of docs/benchmarks.md. */
export function markdown(throughput: ThroughputFigure, acceptance: AcceptanceFigure): string {
  const { servicePicturesPerSecond: service, enginePicturesPerSecond: engine, livezMs } = throughput;
  const rows = [
    ['figure', 'at least', 'measured', 'from'],
    ['---', '---', '---', '---'],
    [
      'pictures/s through the service ÷ bare engine',
      '0.95',
      value(throughput.ratio, 3),
      `${value(service, 2)} ÷ ${value(engine, 2)} pictures/s, ${engine.repetitions} rounds`,
    ],
    [
      '`/livez` p99 with a saturated engine',
      '≤ 50 ms',
      `${livezMs.p99.toFixed(1)} ms`,
      `p50 ${livezMs.p50.toFixed(1)} ms, max ${livezMs.max.toFixed(1)} ms, ${livezMs.answers} answers`,
    ],
    [
      'accepted requests/s on one core ÷ bare BullMQ `add`',
      '0.5',
      value(acceptance.ratio, 2),
      `${value(acceptance.gatewayPerSecond, 0)} ÷ ${value(acceptance.bareAddPerSecond, 0)} a second; one by one, \`add\` does ${value(acceptance.sequentialAddPerSecond, 0)}`,
    ],
  ];
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
}
