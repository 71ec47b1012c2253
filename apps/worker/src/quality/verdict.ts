import { bootstrapMean, type Estimate } from '@slipstream/quality';
import type { Audit } from '@slipstream/queue';

/** What the audits of a setting must show, each bound by the mean over the window. */
export interface Bounds {
  /** Audits that a verdict is made of: the last so many, and none before there are so many. */
  readonly window: number;
  /** Least mean share of equal tokens, 0 to 1; left out, agreement decides nothing. */
  readonly minAgreement?: number | undefined;
  /** Least mean score difference, in points. Without scores it decides nothing. */
  readonly minScoreDifference?: number | undefined;
}

/** `bad`: a mean is below its bound, at 95 % confidence. `good`: every mean that is bounded lies above, as surely. */
export type Verdict = { readonly kind: 'good' | 'bad'; readonly reason: string } | { readonly kind: 'unclear' };

/** Reads the last audits of one setting, oldest first. */
export function judge(audits: readonly Audit[], { window, minAgreement, minScoreDifference }: Bounds): Verdict {
  const last = audits.slice(-window);
  if (last.length < window) return { kind: 'unclear' };
  const measures = [
    { name: 'token agreement with every step full', bound: minAgreement, values: last.map(({ agreement }) => agreement) },
    { name: 'score less that with every step full', bound: minScoreDifference, values: last.flatMap(({ scoreDifference }) => scoreDifference ?? []) },
  ];
  // Values from before a scorer was configured or after it was taken away make no verdict.
  const bounded = measures.flatMap(({ name, bound, values }) => (bound === undefined || values.length < window ? [] : [{ name, bound, mean: bootstrapMean(values) }]));
  const below = bounded.find(({ bound, mean }) => mean.interval.high < bound);
  const said = (measure: (typeof bounded)[number]) => `${measure.name} is ${shown(measure.mean)} in the last ${window} audits, where at least ${measure.bound} is wanted`;
  if (below) return { kind: 'bad', reason: said(below) };
  if (bounded.length === 0 || bounded.some(({ bound, mean }) => mean.interval.low < bound)) return { kind: 'unclear' };
  return { kind: 'good', reason: bounded.map(said).join('; ') };
}

/** The level after a verdict over what is made at `level`, of a setting that is at `now`. */
export function nextLevel({ now, level, verdict, safest }: { now: number; level: number; verdict: Verdict['kind']; safest: number }): number {
  if (verdict === 'bad' && level === now) return Math.min(now + 1, safest);
  return verdict === 'good' && level === 0 ? 0 : now;
}

const shown = ({ value, interval }: Estimate): string => `${digits(value)} (95 % interval ${digits(interval.low)} to ${digits(interval.high)})`;
const digits = (value: number): string => String(Number(value.toFixed(3)));
