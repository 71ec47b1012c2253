import { countSteps } from '@slipstream/contracts';
import { describe, expect, it } from 'vitest';
import { generateOne } from './generate-one.js';
import { StepEngine } from './step-engine.js';
import { FakeAnchors } from './testing/fake-anchors.js';
import { FakeModelRunner, TINY_MODEL } from './testing/fake-model-runner.js';
import { requestOf } from './testing/played.js';
import { PLAN_KINDS, type PlanKind } from './turn.js';

const limits = Object.fromEntries(PLAN_KINDS.map((kind) => [kind, 8])) as Record<PlanKind, number>;
const usual = requestOf('shortcut');
const others = Int32Array.of(3, 3, 3, 0);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
type Answers = [string, (features: Float32Array | undefined) => void][];

/** An engine whose lookups beyond its memory are answered by hand. */
function opened({ limitBytes = Infinity } = {}) {
  const asked: Answers = [];
  const anchors = new FakeAnchors({ limitBytes, fetch: (...question) => asked.push(question) > 0 });
  const runner = new FakeModelRunner();
  return { asked, anchors, runner, engine: new StepEngine(runner, { capacity: 8, limits, anchors }), answer: (features?: Float32Array) => asked.splice(0).forEach(([, tell]) => tell(features)) };
}
const runsOf = ({ plans }: FakeModelRunner): string => plans.map(({ kind, rows }) => `${kind[0]}${rows.length}`).join(' ');
const pixelsOf = async (request: typeof usual): Promise<Uint8Array> => (await generateOne(new FakeModelRunner(), request)).pixels;

describe('rows that want the same anchor', () => {
  it('let one of them compute it, and sample from what it gave', async () => {
    const runner = new FakeModelRunner();
    const engine = new StepEngine(runner, { capacity: 8, limits, anchors: new FakeAnchors({ scope: 'first' }) });
    const requests = [1, 2, 3].map((seed) => ({ ...usual, seed, steps: 2, budget: 1 }));
    const made = await Promise.all(requests.map((request) => engine.submit(request)));
    expect(runsOf(runner)).toBe('f1 s1 d1 h2 s2 d2');
    expect(made.map(({ remembered }) => remembered)).toEqual([0, 2, 2]);
    for (const [i, request] of requests.entries()) expect(made[i]!.pixels).toEqual(await pixelsOf(request));
  });

  it('do so though the memory has no room for it', async () => {
    const runner = new FakeModelRunner();
    const engine = new StepEngine(runner, { capacity: 8, limits, anchors: new FakeAnchors({ limitBytes: 0 }) });
    const made = await Promise.all([1, 1].map((seed) => engine.submit({ ...usual, seed })));
    expect(made[1]!.remembered).toBe(2 * countSteps(made[0]!.stepMap).fullSteps);
  });

  it('look for it once, and all take what is found', async () => {
    const { asked, answer, engine, runner } = opened();
    const made = Promise.all([1, 2].map((seed) => engine.submit({ ...usual, seed, steps: 1, budget: 1 })));
    await turn();
    expect([asked.length, runner.plans.length]).toEqual([2, 0]);
    const known = new Map(await anchorsOf({ ...usual, steps: 1, budget: 1 }));
    for (const [name, tell] of asked.splice(0)) tell(known.get(name)!);
    const [first, second] = await made;
    answer();
    expect(runsOf(runner)).toBe('h2 d2');
    expect([first!.remembered, second!.remembered]).toEqual([2, 2]);
    expect(first!.pixels).toEqual(await pixelsOf({ ...usual, seed: 1, steps: 1, budget: 1 }));
  });
});

/** What an engine keeps of one picture. */
async function anchorsOf(request: typeof usual): Promise<[string, Float32Array][]> {
  const anchors = new FakeAnchors();
  await new StepEngine(new FakeModelRunner(), { capacity: 1, limits, anchors }).submit(request);
  return [...anchors.computed];
}

describe('a row that waits for an anchor', () => {
  it('keeps nobody else from their runs', async () => {
    const { engine, answer } = opened();
    const waiting = engine.submit(usual);
    await expect(engine.submit({ ...usual, seed: 2, cache: 'off' })).resolves.toMatchObject({ remembered: 0 });
    answer();
    while (!(await Promise.race([waiting.then(() => true), turn().then(() => false)]))) answer();
    expect((await waiting).pixels).toEqual(await pixelsOf(usual));
  });

  it('can be aborted, and frees its place', async () => {
    const { engine } = opened();
    const controller = new AbortController();
    const waiting = engine.submit(usual, { signal: controller.signal });
    await turn();
    controller.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    expect(engine.rowsInUse + engine.waiting).toBe(0);
  });

  it('for one that is aborted computes in its place; when nobody wants it, that is said', async () => {
    const { engine, answer, anchors, runner } = opened();
    const controllers = [1, 2].map(() => new AbortController());
    const oneStep = { ...usual, steps: 1, budget: 1 };
    const made = [0, 1].map((i) => engine.submit({ ...oneStep, seed: i }, { signal: controllers[i]!.signal }));
    await turn();
    controllers[0]!.abort('enough');
    await expect(made[0]).rejects.toBe('enough');
    answer();
    expect((await made[1])!.pixels).toEqual(await pixelsOf({ ...oneStep, seed: 1 }));
    expect(runsOf(runner)).toBe('f1 d1');
    expect(anchors.forgone).toEqual([]);
    const last = engine.submit({ ...oneStep, prompt: others }, { signal: controllers[1]!.signal });
    await turn();
    controllers[1]!.abort('enough');
    await expect(last).rejects.toBe('enough');
    answer();
    expect(anchors.forgone).toEqual([anchors.nameOf(others, new Int32Array(16).fill(TINY_MODEL.mask))]);
  });
});
