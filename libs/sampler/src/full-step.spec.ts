import { describe, expect, it } from 'vitest';
import type { Anchors } from './anchors.js';
import { generateOne } from './generate-one.js';
import { StepEngine } from './step-engine.js';
import { FakeAnchors } from './testing/fake-anchors.js';
import { FakeModelRunner, TINY_MODEL } from './testing/fake-model-runner.js';
import { requestOf } from './testing/played.js';
import type { TrajectoryRequest } from './trajectory.js';
import { PLAN_KINDS, type Turn } from './turn.js';

const limits = Object.fromEntries(PLAN_KINDS.map((kind) => [kind, 4])) as Record<Turn['kind'], number>;
const rememberers = ['vanilla', 'halton', 'shortcut', 'adaptive', 'anchored'] as const;
const other = Int32Array.of(3, 3, 3, 0);

/** Makes pictures one after the other with one memory and tells each one's runs; all have the slow reference's bytes. */
async function making(requests: TrajectoryRequest[], { guidanceRamp = 'linear' as 'linear' | 'constant', anchors = new FakeAnchors({ scope: 'first' }) as Anchors } = {}) {
  const model = { ...TINY_MODEL, guidanceRamp };
  const runner = new FakeModelRunner(model);
  const engine = new StepEngine(runner, { capacity: 2, limits, anchors });
  const made = [];
  for (const request of requests) {
    const before = runner.plans.length;
    const { pixels, remembered, stepMap } = await engine.submit(request);
    expect(pixels).toEqual((await generateOne(new FakeModelRunner(model), request)).pixels);
    const turns = runner.plans.slice(before).map((plan) => plan.rows[0]!.turn);
    made.push({ turns, begin: turns.slice(0, 2).map(inWords), fullRuns: turns.filter(({ kind }) => kind === 'full').length, remembered, stepMap });
  }
  return made;
}

function inWords(turn: Turn): string {
  const branches = 'prompts' in turn ? ` ${turn.prompts.length}` : 'features' in turn ? ` ${turn.features.length / 40}` : '';
  return `${turn.kind}${branches}${'reveals' in turn && turn.reveals === false ? ', reveals nothing' : ''}`;
}

describe.each(rememberers)('%s with a memory of anchors', (strategy) => {
  it('runs one full run less for a prompt that it knows, and makes the same picture', async () => {
    const [first, second] = await making([requestOf(strategy), requestOf(strategy)]);
    expect(second!.fullRuns).toBe(first!.fullRuns - 1);
    expect(second!.begin[0]).toMatch(/^head/);
    expect([first!.stepMap[0], second!.stepMap]).toEqual(['F', first!.stepMap.replace('F', 'R')]);
    expect([first!.remembered, second!.remembered]).toEqual([0, strategy === 'vanilla' ? 1 : 2]);
  });
});

describe('a first step', () => {
  it('of a new prompt computes the conditional branch alone and goes on when it has no guidance', async () => {
    const [, next] = await making([requestOf('shortcut'), requestOf('shortcut', { prompt: other })]);
    expect(next!.begin).toEqual(['full 1', 'shortcut 2']);
    expect(next!.remembered).toBe(1);
  });

  it('of a new prompt with guidance computes the conditional branch and samples from both', async () => {
    const requests = [requestOf('shortcut'), requestOf('shortcut', { prompt: other })];
    const [first, next] = await making(requests, { guidanceRamp: 'constant' });
    expect(first!.begin).toEqual(['full 2', 'shortcut 2']);
    expect(next!.begin).toEqual(['full 1, reveals nothing', 'head 2']);
    expect(next!.stepMap[0]).toBe('F'); // half of it was computed
    expect(next!.turns[0]).toMatchObject({ prompts: [other] });
  });

  it('of a prompt whose unconditional branch is not known computes that one alone', async () => {
    const [first, next] = await making([requestOf('vanilla'), requestOf('shortcut')]);
    expect(first!.begin).toEqual(['full 1', 'full 2']);
    expect(next!.begin).toEqual(['full 1, reveals nothing', 'head 2']);
    expect(next!.stepMap[0]).toBe('F'); // half of it was computed
    expect(next!.turns[0]).toMatchObject({ prompts: [new Int32Array(4)] });
  });

  it('without guidance at all never computes an unconditional branch', async () => {
    const requests = [0, 0].map((guidance) => requestOf('anchored', { guidance }));
    const [first, second] = await making(requests, { guidanceRamp: 'constant' });
    expect(first!.begin).toEqual(['full 1', 'anchored 1']);
    expect(second!.begin).toEqual(['head 1', 'anchored 1']);
  });

  it('of the empty prompt is the unconditional branch of every other', async () => {
    const empty = new Int32Array(4);
    const [, next] = await making([requestOf('vanilla', { prompt: empty }), requestOf('shortcut', { prompt: empty })]);
    expect(next!.begin).toEqual(['head 2', 'shortcut 2']);
  });

  it('is computed every time when nothing is remembered, or when there is no room for it', async () => {
    for (const limitBytes of [0, 159]) {
      const [, second] = await making([requestOf('shortcut'), requestOf('shortcut')], { anchors: new FakeAnchors({ limitBytes }) });
      expect(second!.begin[0]).toBe('full 2');
    }
  });
});

describe('a later step', () => {
  it('is not recalled where only first steps are', async () => {
    const [first, second] = await making([requestOf('vanilla'), requestOf('vanilla')]);
    expect(second!.turns.slice(1)).toEqual(first!.turns.slice(1));
  });

  it.each(rememberers)('of the same %s picture is recalled where all full steps are, to the last', async (strategy) => {
    const [first, second] = await making([requestOf(strategy), requestOf(strategy)], { anchors: new FakeAnchors() });
    expect([first!.fullRuns > 1, second!.fullRuns]).toEqual([true, 0]);
    expect(second!.stepMap).toBe(first!.stepMap.replaceAll('F', 'R'));
  });

  it('of a picture with another seed is not: its tokens are others', async () => {
    const [, second] = await making([requestOf('vanilla'), requestOf('vanilla', { seed: 99 })], { anchors: new FakeAnchors() });
    expect(second!.remembered).toBe(1);
  });
});

describe('a picture that wants no cache', () => {
  it('computes every step and leaves nothing behind', async () => {
    const anchors = new FakeAnchors();
    const [, bare] = await making([requestOf('shortcut'), { ...requestOf('shortcut'), cache: 'off' }], { anchors });
    expect([bare!.begin[0], bare!.remembered]).toEqual(['full 2', 0]);
    const empty = new FakeAnchors();
    await making([{ ...requestOf('shortcut'), cache: 'off' }], { anchors: empty });
    expect(empty.kept.size).toBe(0);
  });
});
