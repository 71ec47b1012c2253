import { describe, expect, it } from 'vitest';
import type { Model, ModelRunner } from '../model-runner.js';
import { Trajectory, type TrajectoryRequest } from '../trajectory.js';

/** Holds a runner to the contract of `ModelRunner`. The runner is opened once and never closed by the suite. */
export function describeModelRunner(name: string, open: () => Promise<ModelRunner>): void {
  describe(`${name} as a model runner`, () => {
    const opened = Promise.resolve().then(open);
    void opened.catch(() => undefined);

    it('reveals as many masked tokens as asked and changes no revealed one', async () => {
      const runner = await opened;
      const row = new Trajectory(request(runner.model, 1), runner.model);
      while (row.kind !== 'decode') {
        const before = row.tokens.slice();
        const due = row.revealCount;
        await step(runner, [row]);
        expect(row.newPositions).toHaveLength(due);
        const kept = [...before.keys()].filter((at) => before[at] !== runner.model.mask);
        expect(kept.map((at) => row.tokens[at])).toEqual(kept.map((at) => before[at]));
      }
      expect(row.tokens.every((token) => token >= 0 && token < runner.model.mask)).toBe(true);
    });

    it('gives a row the same bits alone, in any batch, at any place in it, and when repeated', async () => {
      const runner = await opened;
      const alone = await pictures(runner, [[1]]);
      for (const batch of [[1], [1, 2], [2, 1, 3], [8, 7, 6, 5, 1, 4, 3, 2]]) {
        const together = await pictures(runner, [batch]);
        expect(together.get(1)).toEqual(alone.get(1));
      }
    });

    it('hands its arrays over for good and only reads the rows', async () => {
      const runner = await opened;
      const rows = [1, 2].map((seed) => new Trajectory(request(runner.model, seed), runner.model));
      const first = await runner.run({ kind: 'full', rows, bucket: 0 });
      if ('pixels' in first) throw new Error('a full step answered with pixels');
      const copies = [...first.nextTokens.map((a) => a.slice()), ...first.features.map((a) => a.slice())];
      rows.forEach((row, i) => row.reveal(first.nextTokens[i]!, first.features[i]!));
      const tokens = rows.map((row) => row.tokens.slice());
      const { kind, bucket } = rows[0]!;
      await runner.run({ kind, rows, bucket });
      await runner.run({ kind: 'full', rows, bucket: 0 });
      expect([...first.nextTokens, ...first.features]).toEqual(copies);
      expect(rows.map((row) => row.tokens)).toEqual(tokens);
    });
  });
}

function request(model: Model, seed: number): TrajectoryRequest {
  const prompt = new Int32Array(model.promptLength);
  prompt[0] = seed % 3;
  return { prompt, seed, strategy: 'shortcut', steps: 6, budget: 2, guidance: 2, temperature: 1 };
}

/** Everything a picture leaves behind, by seed, made in lockstep batches. */
async function pictures(runner: ModelRunner, batches: number[][]): Promise<Map<number, unknown>> {
  const made = new Map<number, unknown>();
  for (const seeds of batches) {
    const rows = seeds.map((seed) => new Trajectory(request(runner.model, seed), runner.model));
    const features = rows.map(() => [] as Float32Array[]);
    while (!rows[0]!.finished) {
      await step(runner, rows);
      rows.forEach((row, i) => row.features && features[i]!.push(row.features.slice()));
    }
    rows.forEach((row, i) => made.set(row.request.seed, { tokens: row.tokens, features: features[i], pixels: row.pixels }));
  }
  return made;
}

async function step(runner: ModelRunner, rows: Trajectory[]): Promise<void> {
  const { kind, bucket } = rows[0]!;
  const result = await runner.run({ kind, rows, bucket });
  rows.forEach((row, i) => {
    if ('pixels' in result) row.finish(result.pixels[i]!);
    else row.reveal(result.nextTokens[i]!, result.features[i]!);
  });
}
