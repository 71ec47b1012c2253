import type { Spread } from '@slipstream/quality';
import type { BenchReport } from './bench-report.js';

const spreadText = ({ median, iqr, repetitions }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (IQR ${iqr.toFixed(digits)}, ${repetitions} times)`;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** The report for people. */
export function formatBench({
  machine,
  bundle,
  configuration,
  steps,
  pictures,
  engine,
  batches,
}: BenchReport): string[] {
  const { vanilla, accelerated } = configuration;
  return [
    `machine      ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}, ${machine.provider}, ${machine.threads} threads`,
    `bundle       ${bundle.name} ${bundle.digest.slice(0, 12)}`,
    `setting      vanilla ${vanilla.steps} full steps; accelerated ${accelerated.strategy}, ${accelerated.budget} of ${accelerated.steps} steps full`,
    `steps        full ${spreadText(steps.spread.fullMs, 2)} ms, shortcut ${spreadText(steps.spread.shortcutMs, 2)} ms, ratio ${steps.ratio.toFixed(1)}`,
    `pictures     vanilla ${spreadText(pictures.spread.vanillaSeconds, 3)} s, accelerated ${spreadText(pictures.spread.acceleratedSeconds, 3)} s, speed-up ${pictures.speedup.toFixed(2)} (IQR ${pictures.spread.speedup.iqr.toFixed(2)})`,
    `engine       outside ONNX ${percent(engine.outsideOnnxShare)}, efficiency ${percent(engine.efficiency)}, ${engine.picturesPerSecond.toFixed(2)} pictures/s`,
    'together     rows   vanilla s/picture   accelerated s/picture   speed-up',
    ...batches.map(
      ({ rows, vanillaSeconds, acceleratedSeconds, speedup }) =>
        `             ${String(rows).padStart(4)}   ${vanillaSeconds.toFixed(3).padStart(17)}   ${acceleratedSeconds.toFixed(3).padStart(21)}   ${speedup.toFixed(2).padStart(8)}`,
    ),
  ];
}
