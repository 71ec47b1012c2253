import type { Spread } from '@slipstream/quality';
import type { PictureFigures, ProfileReport } from './profile-report.js';

const seconds = ({ median, iqr, repetitions }: Spread): string => `${median.toFixed(3)} s (IQR ${iqr.toFixed(3)}, ${repetitions} times)`;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;

const ratios = ({ ratio, limit, untilDecode }: PictureFigures, what: string): string[] => [
  `| ${what} (limit ${limit.toFixed(2)}) | ${ratio.toFixed(2)} |`,
  `| the same without the decode (limit ${untilDecode.limit.toFixed(2)}) | ${untilDecode.ratio.toFixed(2)} |`,
];

/** The report as Markdown. */
export function formatProfile({ machine, bundle, configuration, steps, pictures, remembered, engine, memory, floors, strategies }: ProfileReport): string[] {
  const { vanilla, accelerated } = configuration;
  const setting = `${accelerated.strategy}, ${accelerated.budget} of ${accelerated.steps} steps full`;
  return [
    `\`${bundle.name}\` ${bundle.digest.slice(0, 12)}, ${gigabytes(bundle.weightBytes)} of weights; ${machine.cpu}, ${machine.threads} threads of ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}; ${(machine.operationsPerSecond / 1e9).toFixed(0)} GFLOP/s, ${(machine.bytesPerSecond / 1e9).toFixed(1)} GB/s`,
    '',
    '| figure | value |',
    '|---|---|',
    `| full step | ${seconds(steps.full)} |`,
    `| shortcut step | ${seconds(steps.shortcut)} |`,
    `| full ÷ shortcut | ${steps.ratio.toFixed(1)} |`,
    `| decode | ${seconds(steps.decode)} |`,
    `| vanilla picture, ${vanilla.steps} steps | ${seconds(pictures.vanilla)} |`,
    `| accelerated picture, ${setting} | ${seconds(pictures.accelerated)} |`,
    ...ratios(pictures, 'vanilla ÷ accelerated'),
    ...(remembered ? [`| with the first step remembered: vanilla, accelerated | ${seconds(remembered.vanilla)}, ${seconds(remembered.accelerated)} |`, ...ratios(remembered, 'vanilla ÷ accelerated with it')] : []),
    `| engine efficiency | ${engine.efficiency.toFixed(3)} |`,
    `| share outside ONNX | ${percent(engine.outsideOnnxShare)} |`,
    `| peak memory, above the weights | ${gigabytes(memory.peakBytes)}, ${gigabytes(memory.aboveWeightsBytes)} |`,
    `| the same after every strategy | ${gigabytes(memory.aboveWeightsOfAllBytes)} |`,
    ...floors.map(({ graph, operations, weightBytes, seconds: floor, share }) =>
      `| floor of a ${graph} step: ${(operations / 1e9).toFixed(1)} GFLOP, ${(weightBytes / 1e6).toFixed(0)} MB of weights | ${floor.toFixed(3)} s, ${percent(share)} of the measured |`),
    '',
    '| strategy | seconds | steps | full | shortcut | partial |',
    '|---|---|---|---|---|---|',
    ...strategies.map((figure) => `| \`${figure.strategy}\` | ${figure.seconds.toFixed(1)} | ${figure.steps} | ${figure.fullSteps} | ${figure.shortcutSteps} | ${figure.partialSteps} |`),
  ];
}
