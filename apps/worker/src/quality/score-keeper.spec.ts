import { describe, expect, it } from 'vitest';
import { frechetDistance, gaussianOf, RunningStatistics } from '@slipstream/quality';
import { openWorkerMetrics } from '@slipstream/metrics';
import { FakeBoard, fakeScorer } from '../testing/fake-quality.js';
import { picturesPerPart, ProducedStatistics } from './produced-statistics.js';
import { ScoreKeeper } from './score-keeper.js';

const scorer = fakeScorer.scorers[0]!;
const feature = (i: number) => Float32Array.of(Math.sin(i), Math.cos(i * i));
const features = (count: number, from = 0) => Array.from({ length: count }, (_, i) => feature(from + i));

describe('statistics of what was made', () => {
  const refused: string[] = [];
  const open = (board: FakeBoard, of = scorer) => new ProducedStatistics(of, { board, onRefused: ({ message }) => refused.push(message) });

  it('are the same however many workers made it, and are those of all pictures', async () => {
    const [board, other] = [new FakeBoard(), new FakeBoard()];
    const workers = [open(board), open(board), open(board)];
    features(90).forEach((each, i) => workers[i % 3]!.add(each));
    const shared = [];
    for (const worker of workers.reverse()) shared.push(await worker.share());
    const alone = open(other);
    features(90).forEach((each) => alone.add(each));
    expect(shared.at(-1)).toEqual(await alone.share());
    expect([...board.values]).toEqual([...other.values]);
    expect(shared.at(-1)!.pictures).toBe(90);
    expect(shared.at(-1)!.distance).toBeCloseTo(frechetDistance(gaussianOf(features(90)), scorer.reference!), 3);
  });

  it('tell no distance before there are more pictures than channels, and nothing when nothing was added', async () => {
    const produced = open(new FakeBoard());
    expect(await produced.share()).toBeUndefined();
    features(2).forEach((each) => produced.add(each));
    expect(await produced.share()).toEqual({ pictures: 2 });
    produced.add(feature(3));
    expect(await produced.share()).toMatchObject({ pictures: 3, distance: expect.any(Number) });
  });

  it('forget what is long past', async () => {
    const produced = open(new FakeBoard());
    const seen: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      features(picturesPerPart / 4, round).forEach((each) => produced.add(each));
      seen.push((await produced.share())!.pictures / picturesPerPart);
    }
    expect(seen).toEqual([0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 1, 1.25, 1.5]);
  });

  it('of another scorer are refused by its digest, and begin anew', async () => {
    const board = new FakeBoard();
    const strange = new RunningStatistics({ scorer: 'e'.repeat(64), channels: 2 });
    features(9).forEach((each) => strange.add(each));
    await board.update(`statistics:${'f'.repeat(16)}`, () => JSON.stringify({ current: strange }));
    const produced = open(board);
    produced.add(feature(1));
    expect(await produced.share()).toEqual({ pictures: 1 });
    expect(refused).toEqual([expect.stringContaining('e'.repeat(64))]);
  });
});

describe('the score keeper', () => {
  it('shows scores by strategy and the distance of the fleet, and survives a scorer that fails', async () => {
    const metrics = openWorkerMetrics({ engine: () => undefined });
    const warned: string[] = [];
    const failing = { ...fakeScorer, score: async (picture: Parameters<typeof fakeScorer.score>[0]) => (picture.prompt === 'bad' ? [{ scorer: scorer.name, value: 1, features: Float32Array.of(NaN, 0) }] : fakeScorer.score(picture)) };
    const keeper = new ScoreKeeper({ model: 'tiny', engine: failing, board: new FakeBoard(), metrics, logger: { warn: (_line: object, text: string) => void warned.push(text) } as any });
    for (const [i, prompt] of ['apple', 'bad', 'pear', 'fig'].entries()) await keeper.keep({ pixels: new Uint8Array(16).fill(10 * i), prompt }, 'anchored');
    await keeper.share();
    const { body } = await metrics.scrape();
    expect(warned).toEqual(['a picture could not be scored']);
    expect(body).toMatch(/slipstream_picture_score_points_count\{model="tiny",strategy="anchored",scorer="first-byte"\} 3/);
    expect(body).toMatch(/slipstream_picture_score_points_sum\{model="tiny",strategy="anchored",scorer="first-byte"\} 50/);
    expect(body).toMatch(/slipstream_frechet_pictures\{model="tiny",scorer="first-byte"\} 3/);
    expect(body).toMatch(/slipstream_frechet_distance\{model="tiny",scorer="first-byte"\} [\d.]+/);
  });
});
