import { everyStepFull, isAccelerated, samplingOf, type BundleManifest, type GenerationSettings, type Sampling } from '@slipstream/contracts';
import { tokenAgreement } from '@slipstream/quality';
import type { Engine, SampleResult, Score } from '@slipstream/runtime';

/** A picture that was drawn to be made again. */
export interface AuditSubject {
  /** Of its job; what was asked for is audited, and what was made in its place as well. */
  readonly settings: GenerationSettings;
  /** Its own. */
  readonly seed: number;
}

export interface AuditParts {
  readonly engine: Pick<Engine, 'submit' | 'score'> & { readonly manifest: Pick<BundleManifest, 'sampling'> };
  readonly signal: AbortSignal;
}

/** One way to make the picture, held against every step full. */
export interface Finding {
  /** 0: as asked for; else the fallback level. */
  readonly level: number;
  /** Share of equal tokens. */
  readonly agreement: number;
  /** Its scores less those of the full picture, one a scorer, in points. */
  readonly scoreDifferences: readonly { readonly scorer: string; readonly points: number }[];
  /** From the first run to the pixels. */
  readonly seconds: { readonly accelerated: number; readonly full: number };
}

interface Made {
  readonly picture: SampleResult;
  readonly scores: readonly Score[];
}

export const askedOf = (settings: GenerationSettings): Sampling => settings.fallback?.from ?? samplingOf(settings);

/**
 * Makes a picture again, one row at a time: with every step full, as it was asked for, and as it was made if that is
 * something else. What was handed out is not used: all are made under the same conditions, one after the other,
 * and recall nothing: what they cost is what their steps cost.
 */
export async function audit({ settings, seed }: AuditSubject, { engine, signal }: AuditParts): Promise<Finding[]> {
  const { prompt, fallback } = settings;
  const asked = askedOf(settings);
  const make = async (sampling: Sampling): Promise<Made> => {
    const picture = await engine.submit({ prompt, seed, ...samplingOf(sampling), cache: 'off' }, { signal });
    return { picture, scores: await engine.score({ pixels: picture.pixels, prompt }) };
  };
  const full = await make(everyStepFull(asked, engine.manifest.sampling));
  const findings = [compare(await make(asked), { full, level: 0 })];
  if (fallback && isAccelerated(settings)) findings.push(compare(await make(settings), { full, level: fallback.level }));
  return findings;
}

function compare({ picture, scores }: Made, { full, level }: { full: Made; level: number }): Finding {
  return {
    level,
    agreement: tokenAgreement(picture.tokens, full.picture.tokens),
    scoreDifferences: scores.map(({ scorer, value }, i) => ({ scorer, points: value - full.scores[i]!.value })),
    seconds: { accelerated: picture.seconds.engine, full: full.picture.seconds.engine },
  };
}
