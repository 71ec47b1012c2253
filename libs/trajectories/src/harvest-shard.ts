import { createHash } from 'node:crypto';

/** One finished picture, as far as the features of each of its steps can be computed again from it by whoever has the bundle. */
export interface HarvestedTrajectory {
  /** Prompt ids, (prompt.length). Words that the bundle does not know are its unknown word here too. */
  readonly prompt: readonly number[];
  readonly seed: number;
  readonly strategy: string;
  readonly steps: number;
  readonly budget: number;
  readonly knobs: Readonly<Record<string, number | string>>;
  readonly guidance: number;
  readonly temperature: number;
  /** (tokens), none of them masked. */
  readonly tokens: readonly number[];
  /** (tokens): the step, 0 the first, that revealed each. */
  readonly revealedAt: readonly number[];
}

/** Trajectories of one bundle as an object. */
export interface Shard {
  /** `harvest/<digest of the bundle>/<of the content>.jsonl`: the same trajectories have the same key. */
  readonly key: string;
  readonly bytes: Uint8Array;
}

/**
 * JSON Lines, UTF-8. The first line says what it is: format, version, the bundle's digest, how many trajectories, and the
 * SHA-256 of all that follows its line end. Then one trajectory a line.
 */
export function shardOf(bundle: string, trajectories: readonly HarvestedTrajectory[]): Shard {
  const lines = trajectories.map((trajectory) => `${JSON.stringify(trajectory)}\n`).join('');
  const sha256 = createHash('sha256').update(lines).digest('hex');
  const head = { format: 'slipstream-harvest', version: 1, bundle, trajectories: trajectories.length, sha256 };
  return { key: `harvest/${bundle}/${sha256.slice(0, 32)}.jsonl`, bytes: new TextEncoder().encode(`${JSON.stringify(head)}\n${lines}`) };
}
