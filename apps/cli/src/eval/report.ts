import type { Estimate, Spread } from '@slipstream/quality';
import type { Machine } from '../machine.js';
import { REFERENCE_ARM, type Arm } from './arm.js';
import { ALIGNMENT_MARGIN, type ArmFigures } from './figures.js';
import type { GapError } from './forced-steps.js';

export interface ArmReport extends ArmFigures {
  readonly arm: Arm;
  /** Wall clock of one picture alone. */
  readonly seconds: Spread;
  /** Seconds of the reference arm ÷ its own. */
  readonly speedup: number;
  /** The first rival: few-step vanilla that takes no fewer seconds, and the arm's coherence less the rival's; below 0 is better. */
  readonly rival?: { readonly id: string; readonly coherenceDifference: Estimate } | undefined;
}

/** Everything that an evaluation found. */
export interface EvalReport {
  readonly bundle: { readonly name: string; readonly digest: string };
  readonly scorers: Readonly<Record<string, string>>;
  readonly machine: Machine;
  readonly subjects: { readonly open: number; readonly names: number; readonly seeds: number };
  readonly channels: number;
  readonly noise: { readonly frechet: number; readonly alignment: number };
  readonly arms: readonly ArmReport[];
  readonly gaps: readonly GapError[];
  /** Fastest arm at the reference's number of steps that holds its alignment, and its Fréchet distance within the noise. */
  readonly fastest: string | undefined;
}

/** True when the arm is no worse than the reference arm by what was declared beforehand, and no less coherent than its rival. */
export function holds({ alignmentHolds, frechetDifference, rival }: ArmReport, noise: EvalReport['noise']): boolean {
  return alignmentHolds && frechetDifference.value <= noise.frechet && (rival === undefined || rival.coherenceDifference.value <= 0);
}

export function fastestThatHolds(arms: readonly ArmReport[], noise: EvalReport['noise']): string | undefined {
  const steps = arms.find(({ arm }) => arm.id === REFERENCE_ARM)!.arm.sampling.steps;
  const rivals = arms.filter((each) => !each.arm.rerun && each.arm.sampling.steps === steps && holds(each, noise));
  return rivals.sort((a, b) => b.speedup - a.speedup)[0]?.arm.id;
}

const COLUMNS = ['arm', 'full steps', 's/picture', '× faster', 'Fréchet', 'KID', 'precision', 'recall', 'coherence', 'distinct', 'rival', '− rival', 'alignment', '− vanilla', 'in category', 'names', 'log-likelihood', 'faithful', 'holds'];

/** The columns of a report: two more for each further scorer. */
export function columnsOf({ arms }: Pick<EvalReport, 'arms'>): string[] {
  return [...COLUMNS.slice(0, -1), ...furtherScorers(arms).flatMap((name) => [name, '− vanilla']), COLUMNS.at(-1)!];
}

export const furtherScorers = (arms: EvalReport['arms']): string[] => Object.keys(arms[0]?.scores ?? {});

/** One line an arm, the cells of `columnsOf`. */
export function tableRows({ arms, noise }: Pick<EvalReport, 'arms' | 'noise'>): string[][] {
  return arms.map((each) => [
    each.arm.id,
    each.steps.full.toFixed(1),
    each.seconds.median.toFixed(3),
    each.speedup.toFixed(2),
    shown(each.frechet, 1),
    each.kernelDistance.toFixed(2),
    percent(each.precision),
    percent(each.recall),
    shown(each.coherence, 2),
    String(each.coverage),
    each.rival?.id ?? '',
    each.rival ? shown(each.rival.coherenceDifference, 2) : '',
    shown(each.alignment, 1),
    shown(each.alignmentDifference, 1),
    percent(each.inCategory),
    percent(each.retrieval),
    each.likelihood ? shown(each.likelihood, 3) : '',
    percent(each.faithfulness),
    ...Object.values(each.scores).flatMap(({ value, difference }) => [shown(value, 1), shown(difference, 1)]),
    each.arm.id === REFERENCE_ARM || each.arm.rerun ? '' : holds(each, noise) ? 'yes' : 'no',
  ]);
}

/** The table for a terminal. */
export function plainTable(report: EvalReport): string[] {
  const rows = [columnsOf(report), ...tableRows(report)];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  '));
}

/** The report for people, with its pictures beside it. */
export function markdown(report: EvalReport): string {
  const { bundle, scorers, machine, subjects, channels, noise, gaps, fastest } = report;
  const table = (head: readonly string[], rows: readonly (readonly string[])[]) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
  return `# Quality of ${bundle.name}

Bundle \`${bundle.digest.slice(0, 12)}\`, scorers ${Object.entries(scorers).map(([name, digest]) => `${name} \`${digest.slice(0, 12)}\``).join(', ')}. ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}. Made by \`npx slipstream eval --out docs/quality\`.

${subjects.open} pictures of open prompts and ${subjects.names} of names an arm, ${subjects.seeds} ${subjects.seeds === 1 ? 'seed' : 'seeds'} each; the same prompts and seeds in every arm. Brackets are 95 % intervals. All columns but *names* are of open prompts, where many answers are right; a name leaves little to choose, and few steps cost next to nothing there. ${subjects.open < 20 * channels ? `The Fréchet distance has a bias that falls with the count and is the same in every arm: ${subjects.open} pictures are fewer than 20 × ${channels} channels, so compare arms and not reports.` : ''}

An arm *holds* when its alignment loses no more than ${ALIGNMENT_MARGIN} point with 95 % confidence (paired), its Fréchet distance is worse by no more than two vanilla runs differ, and it is no less coherent than its *rival*, few-step vanilla that takes no fewer seconds. That noise is ${noise.frechet.toFixed(2)} for the Fréchet distance and ${noise.alignment.toFixed(2)} points for the alignment. Fastest that holds at the reference's number of steps: **${fastest ?? 'none'}**.

${table(columnsOf(report), tableRows(report))}

- *Fréchet* and *KID* compare the classifier's features with the training pictures', as the tokenizer can draw them; lower is better. *Precision* and *recall* are those of Kynkäänniemi et al., k = 3.
- *Coherence* is the mean distance to the nearest training picture (lower is more coherent), *distinct* how many different ones are nearest.
- *Alignment* is 100 × cosine of picture and prompt by the image–text scorer; the empty prompt is left out.
${furtherScorers(report.arms).map((name) => `- *${name}* is the mean of that scorer, in points of 100 (higher is better), behind it the paired difference to vanilla; it does not decide what holds.\n`).join('')}- *Faithful* is the share of tokens equal to vanilla's under the same seed. It is no measure of quality: vanilla under other seeds is as good and has less.
- *s/picture* is wall clock, one picture at a time, all arms in turn in one run; each picture shows another prompt, so of the first steps only the unconditional branch is remembered.
- *Log-likelihood* is the base's pseudo-likelihood of a picture's own tokens, a quarter and half of them hidden, in nats a token (Salazar et al. 2020); higher is what the base finds likelier, and sharper sampling raises it as well as better.

![Fréchet distance against seconds](frechet.svg)
![Alignment against seconds](alignment.svg)
![Coherence against seconds](coherence.svg)
${furtherScorers(report.arms).map((name) => `![${name} against seconds](score-${name}.svg)\n`).join('')}
## Error against gap

Along trajectories whose every step was full, with the base's own tokens, over masked positions and after guidance: what a step samples from. *KL* is the divergence of the predicted distribution from the true one, in nats; *coupled* is the share of positions with the same token under the same random numbers, *top* with the same most probable one.

${table(['method', 'gap', 'relative error', 'cosine', 'KL', 'coupled', 'top'], gaps.map((each) => [each.method, String(each.gap), each.relativeError.toFixed(3), each.cosine.toFixed(4), each.divergence.toFixed(3), `${(100 * each.coupledAgreement).toFixed(1)} %`, `${(100 * each.topAgreement).toFixed(1)} %`]))}

![Error against gap](gaps.svg)
![Divergence against gap](divergence.svg)

## Same seed, every strategy

One row an arm, from the top: ${report.arms.filter(({ arm }) => !arm.rerun).map(({ arm }) => arm.id).join(', ')}.

![Pictures of the same seeds](grid.png)
`;
}

const shown = ({ value, interval }: Estimate, digits: number): string => `${value.toFixed(digits)} (${interval.low.toFixed(digits)} to ${interval.high.toFixed(digits)})`;
const percent = ({ value }: Estimate): string => `${(100 * value).toFixed(1)} %`;
