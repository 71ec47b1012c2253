import { oneOf, whole, type Random } from './random.js';

/** One job of the run. */
export interface ChaosRequest {
  /** As `POST /v1/generations` takes it. */
  readonly body: { readonly prompt: string; readonly n: number; readonly seed: number; readonly output_format: string; readonly acceleration: object };
  /** Most steps from one checkpoint to the next, or of the whole picture where its strategy leaves none. */
  readonly segment: number;
  readonly poison: boolean;
}

/** No other request comes near it: seeds of pictures are seed … seed + n − 1. */
export const poisonSeed = 666_000_666;

/** Settings of the tiny bundle, each with its segment: all ten strategies. */
const ways: readonly { readonly acceleration: object; readonly segment: number }[] = [
  { acceleration: { strategy: 'vanilla', steps: 16 }, segment: 1 },
  { acceleration: { strategy: 'halton', steps: 16 }, segment: 1 },
  { acceleration: { strategy: 'shortcut', steps: 16, budget: 4 }, segment: 4 },
  { acceleration: { strategy: 'anchored', steps: 16, budget: 4 }, segment: 4 },
  { acceleration: { strategy: 'anchored', steps: 16, budget: 2 }, segment: 8 },
  { acceleration: { strategy: 'adaptive', steps: 16, budget: 16, max_gap: 4 }, segment: 4 },
  { acceleration: { strategy: 'taylorseer', steps: 16, budget: 4, order: 0 }, segment: 4 },
  { acceleration: { strategy: 'taylorseer', steps: 16, budget: 4, order: 1 }, segment: 16 },
  { acceleration: { strategy: 'ml-cache', steps: 16 }, segment: 5 },
  { acceleration: { strategy: 'recap', steps: 16, cached_steps: 2 }, segment: 3 },
  { acceleration: { strategy: 'dllm-cache', steps: 16 }, segment: 16 },
  { acceleration: { strategy: 'dimo' }, segment: 1 },
];
const prompts = ['slice of pizza', 'red apple', 'cat', 'sun', 'moon', 'tree', 'star', 'crème brûlée'];

/** One poison job in 500, at least one, never among the first. */
export function requestsOf(random: Random, jobs: number): ChaosRequest[] {
  const requests = Array.from({ length: jobs }, (): ChaosRequest => {
    const { acceleration, segment } = oneOf(random, ways);
    const body = { prompt: oneOf(random, prompts), n: whole(random, 1, 4), seed: whole(random, 0, 1_000_000), output_format: oneOf(random, ['png', 'png', 'webp', 'jpeg']), acceleration };
    return { body, segment, poison: false };
  });
  const poisons = Math.max(1, Math.round(jobs / 500));
  for (let i = 0; i < poisons; i++) {
    const at = Math.floor(((i + 0.5) * jobs) / poisons);
    const { body, segment } = requests[at]!;
    requests[at] = { body: { ...body, n: 1, seed: poisonSeed }, segment, poison: true };
  }
  return requests;
}
