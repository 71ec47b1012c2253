import fc from 'fast-check';
import { strategyNames } from '@slipstream/contracts';
import { describe, expect, it } from 'vitest';
import { generateOne } from './generate-one.js';
import type { RunResult } from './model-runner.js';
import type { RunLimits } from './scheduler.js';
import { PlanCrashed, StepEngine } from './step-engine.js';
import type { StepPlan } from './step-plan.js';
import { arbitraryRequest, MOST_STEPS } from './testing/arbitrary-request.js';
import { FakeAnchors } from './testing/fake-anchors.js';
import { FakeModelRunner, TINY_MODEL } from './testing/fake-model-runner.js';
import { requestOf } from './testing/played.js';
import { slowPlace } from './testing/slow-place.js';
import type { Trajectory, TrajectoryRequest } from './trajectory.js';
import { PLAN_KINDS, type PlanKind } from './turn.js';

const usual = requestOf('shortcut');
const everyKind = <T>(value: T) => Object.fromEntries(PLAN_KINDS.map((kind) => [kind, value])) as Record<PlanKind, T>;
const limits: RunLimits = everyKind(4);
const MODELS = (['linear', 'constant'] as const).map((guidanceRamp) => ({ ...TINY_MODEL, guidanceRamp }));

const scenario = fc.record({
  arrivals: fc.array(
    fc.record({
      request: arbitraryRequest(),
      /** The run during which it is submitted, and the one during which it is aborted. */
      at: fc.nat(30),
      abortAt: fc.option(fc.nat(40), { nil: undefined, freq: 2 }),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  capacity: fc.integer({ min: 1, max: 5 }),
  limits: fc.record(everyKind(fc.integer({ min: 1, max: 4 }))),
  model: fc.constantFrom(...MODELS),
  /** Of the memory that all of them share; a branch has 160. */
  rememberedBytes: fc.constantFrom(0, 320, 2 ** 20),
  scope: fc.constantFrom('first' as const, 'all' as const),
  /** How many turns of the event loop each lookup beyond that memory takes; none where there is no such place. */
  fetchTurns: fc.option(fc.array(fc.nat(6), { minLength: 1, maxLength: 5 }), { nil: undefined }),
  /** Whether what was computed is found there. */
  shared: fc.boolean(),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

type Outcome = PromiseSettledResult<Trajectory>;
type Watch = (plan: StepPlan, engine: StepEngine, run: number) => void;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Plays a scenario; `watch` sees each plan with the engine as it stands. Settlements are counted, one list an arrival. */
async function play({ arrivals, capacity, limits: most, model, rememberedBytes, scope, ...elsewhere }: Scenario, watch: Watch = () => undefined): Promise<Outcome[][]> {
  const settled = arrivals.map((): Outcome[] => []);
  const controllers = arrivals.map(() => new AbortController());
  const submitted = new Set<number>();
  const submit = (i: number): void => {
    submitted.add(i);
    engine.submit(arrivals[i]!.request, { signal: controllers[i]!.signal }).then(
      (value) => settled[i]!.push({ status: 'fulfilled', value }),
      (reason: unknown) => settled[i]!.push({ status: 'rejected', reason }),
    );
  };
  let run = 0;
  const runner = new FakeModelRunner(model, (plan) => {
    watch(plan, engine, run);
    arrivals.forEach(({ at, abortAt }, i) => {
      if (at === run && !submitted.has(i)) submit(i);
      if (abortAt === run && submitted.has(i)) controllers[i]!.abort(`abort ${i}`);
    });
    run += 1;
  });
  const anchors: FakeAnchors = new FakeAnchors({ scope, limitBytes: rememberedBytes, fetch: slowPlace(elsewhere, (name) => anchors.computed.get(name)) });
  const engine = new StepEngine(runner, { capacity, limits: most, anchors });
  for (let i = 0; i < arrivals.length; i++) {
    if (!submitted.has(i)) submit(i);
    for (let turns = 0; engine.rowsInUse + engine.waiting > 0; turns++) {
      if (turns > 20_000) throw new Error('the engine stands still');
      await nextTurn();
    }
  }
  await nextTurn();
  // What the fake or the watch objected to killed the engine, and is the scenario's failure.
  const crash = settled.flat().find((outcome) => outcome.status === 'rejected' && outcome.reason instanceof PlanCrashed);
  if (crash?.status === 'rejected') throw crash.reason;
  return settled;
}

describe('the step engine, whatever comes and goes', () => {
  it('settles each submit exactly once: with its picture, or with its own abort', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const settled = await play(given);
        settled.forEach((outcomes, i) => {
          expect(outcomes).toHaveLength(1);
          const [outcome] = outcomes;
          if (given.arrivals[i]!.abortAt === undefined) expect(outcome!.status).toBe('fulfilled');
          if (outcome!.status === 'rejected') expect(outcome!.reason).toBe(`abort ${i}`);
        });
      }),
    );
  });

  it('gives every picture the bytes of the slow reference, whatever its mates, their aborts, its previews and what is remembered', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const settled = await play(given);
        for (const [i, [outcome]] of settled.entries()) {
          if (outcome?.status !== 'fulfilled') continue;
          const { pixels, tokensByStep } = await generateOne(new FakeModelRunner(given.model), { ...given.arrivals[i]!.request, previews: 0 });
          expect(outcome.value.pixels).toEqual(pixels);
          expect(outcome.value.tokens).toEqual(tokensByStep.at(-1));
        }
      }),
    );
  });

  it('holds the capacity and leaves no place empty while somebody waits', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        await play(given, (_plan, engine) => {
          expect(engine.rowsInUse).toBeLessThanOrEqual(given.capacity);
          if (engine.waiting > 0) expect(engine.rowsInUse).toBe(given.capacity);
        });
      }),
    );
  });

  it('runs rows together only when kind and shape agree, each row once, within the limit of the kind', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        await play(given, ({ kind, shape, rows }) => {
          const trajectories = rows as readonly Trajectory[];
          expect(new Set(rows).size).toBe(rows.length);
          expect(rows.length).toBeLessThanOrEqual(given.limits[kind]);
          for (const row of trajectories) expect([row.kind, row.shape]).toEqual([kind, shape]);
        });
      }),
    );
  });

  it('starves nobody: a row that stands before a run is served within a bounded number of runs', async () => {
    const starvesNobody = fc.asyncProperty(scenario, async (given) => {
      const since = new Map<Trajectory, number>();
      const longest = given.capacity * 2 * (MOST_STEPS + 3); // a preview's head and decode, every step cheap, the last decode
      await play(given, ({ rows }, _engine, run) => {
        for (const row of since.keys()) if (row.recalling) since.set(row, run); // how long it waits there is up to the place that it asks
        for (const row of rows as readonly Trajectory[]) {
          expect(run - (since.get(row) ?? run)).toBeLessThanOrEqual(longest);
          since.set(row, run);
        }
      });
    });
    await fc.assert(starvesNobody);
    await fc.assert(starvesNobody, { seed: 1851481093 }); // a row beside a place that answers later than 44 runs
  });
});

describe('a batch of one strategy', () => {
  it.each(strategyNames)('of %s gives each row the bytes that it has alone', async (strategy) => {
    const requests = fc.array(arbitraryRequest([strategy]), { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(requests, fc.constantFrom(...MODELS), async (given, model) => {
        const engine = new StepEngine(new FakeModelRunner(model), { capacity: 8, limits: everyKind(8) });
        const together = await Promise.all(given.map((request) => engine.submit(request)));
        for (const [i, request] of given.entries()) {
          expect(together[i]!.pixels).toEqual((await generateOne(new FakeModelRunner(model), request)).pixels);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('a row beside a long queue', () => {
  const streams = {
    'partial steps alone': requestOf('ml-cache'),
    'one full step each': requestOf('shortcut', { budget: 1 }),
    'a first step that is remembered and cheap ones': requestOf('anchored', { budget: 1 }),
    'one step each': requestOf('dimo'),
  };

  it.each(Object.keys(streams) as (keyof typeof streams)[])('of rows of %s is made in time', async (name) => {
    const runner = new FakeModelRunner();
    const engine = new StepEngine(runner, { capacity: 3, limits, anchors: new FakeAnchors() });
    await engine.submit(streams[name]);
    const before = runner.plans.length;
    const made = engine.submit(requestOf('vanilla', { prompt: Int32Array.of(9, 9, 9, 9) }));
    const queue = Array.from({ length: 80 }, (_, seed) => engine.submit({ ...streams[name], seed }));
    await made;
    // Beside each of its seven runs two others may come and go, with eight runs of their own at most.
    expect(runner.plans.length - before).toBeLessThanOrEqual(7 * (1 + 2 * 8));
    expect(engine.waiting).toBeGreaterThan(0);
    await Promise.all(queue);
  });
});

describe('an abort', () => {
  it.each([0, 1, 3, 6])('during run %i frees the row for who waits and leaves the mates their bytes', async (abortAt) => {
    const arrivals = [5, 6, 7].map((seed, i) => ({ request: { ...usual, seed }, at: 0, abortAt: i === 0 ? abortAt : undefined }));
    arrivals.unshift({ request: { ...usual, seed: 4 }, at: -1, abortAt: undefined });
    const settled = await play({ arrivals, capacity: 2, limits, model: TINY_MODEL, rememberedBytes: 0, scope: 'all', fetchTurns: [2], shared: false });
    expect(settled.map(([outcome]) => outcome!.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    for (const i of [0, 2, 3]) {
      const { pixels } = await generateOne(new FakeModelRunner(), arrivals[i]!.request);
      expect(settled[i]![0]).toMatchObject({ value: { pixels } });
    }
  });

  it('before the submit rejects at once and takes no row', async () => {
    const engine = new StepEngine(new FakeModelRunner(), { capacity: 1, limits });
    await expect(engine.submit(usual, { signal: AbortSignal.abort('too late') })).rejects.toBe('too late');
    expect(engine.waiting).toBe(0);
  });

  it('after the picture is made changes nothing', async () => {
    const controller = new AbortController();
    const engine = new StepEngine(new FakeModelRunner(), { capacity: 1, limits });
    const made = await engine.submit(usual, { signal: controller.signal });
    controller.abort();
    expect(made.failure).toBeUndefined();
    await expect(engine.submit(usual)).resolves.toMatchObject({ pixels: made.pixels });
  });
});

/** The fake, but what it makes for one seed is from some step on not a number, so nothing of it is revealed. */
class SpoilingRunner extends FakeModelRunner {
  constructor(private readonly seed: number, private readonly from: number) {
    super();
  }

  override async run(plan: StepPlan): Promise<RunResult> {
    const result = await super.run(plan);
    const spoiled = (row: Trajectory): boolean => row.request.seed === this.seed && row.step >= this.from && row.kind !== 'decode';
    const rows = (plan.rows as Trajectory[]).map((row, i) => {
      const output = result.rows[i]!;
      return spoiled(row) ? { ...output, ...(output.features && { features: output.features.map(() => NaN) }), nextTokens: row.tokens.slice() } : output;
    });
    return { ...result, rows };
  }
}

describe('a step that gives no numbers', () => {
  it.each(strategyNames)('fails its own %s row, names the step, and leaves the mates their bytes', async (strategy) => {
    const from = strategy === 'dimo' ? 0 : 2;
    const engine = new StepEngine(new SpoilingRunner(5, from), { capacity: 4, limits, anchors: new FakeAnchors() });
    const requests = [4, 5, 6].map((seed): TrajectoryRequest => requestOf(strategy, { seed }));
    const [before, spoiled, after] = await Promise.allSettled(requests.map((request) => engine.submit(request)));
    const message = expect.stringMatching(new RegExp(`^step ${from}, an? \\w+ run, (failed|revealed 0 tokens instead of \\d+): its features are not finite`)) as string;
    expect(spoiled).toMatchObject({ status: 'rejected', reason: { code: 'engine_failed', message } });
    for (const [i, outcome] of [[0, before], [2, after]] as const) {
      const { pixels } = await generateOne(new FakeModelRunner(), requests[i]!);
      expect(outcome).toMatchObject({ status: 'fulfilled', value: { pixels } });
    }
    expect(engine.rowsInUse).toBe(0);
  });

  it('is not remembered for others with its prompt', async () => {
    const engine = new StepEngine(new SpoilingRunner(5, 0), { capacity: 4, limits, anchors: new FakeAnchors() });
    await expect(engine.submit({ ...usual, seed: 5 })).rejects.toMatchObject({ code: 'engine_failed' });
    const { pixels } = await generateOne(new FakeModelRunner(), usual);
    await expect(engine.submit(usual)).resolves.toMatchObject({ pixels });
  });

  it('fails the slow reference as well', async () => {
    await expect(generateOne(new SpoilingRunner(5, 3), { ...usual, seed: 5 })).rejects.toMatchObject({ code: 'engine_failed' });
  });
});

describe('a run that crashes', () => {
  it('rejects all that is pending, and all that comes later, naming the plan', async () => {
    const runner = new FakeModelRunner(TINY_MODEL, ({ kind }) => {
      if (kind === 'shortcut') throw new Error('out of memory');
    });
    const engine = new StepEngine(runner, { capacity: 2, limits });
    const settled = await Promise.allSettled([1, 2, 3].map((seed) => engine.submit({ ...usual, seed })));
    for (const outcome of [...settled, ...(await Promise.allSettled([engine.submit(usual)]))]) {
      if (outcome.status === 'fulfilled') throw new Error('it should not have finished');
      expect(outcome.reason).toBeInstanceOf(PlanCrashed);
      expect((outcome.reason as Error).message).toBe('the shortcut run of 2 rows, branches 2, masked 16, places 2 crashed: out of memory');
    }
  });
});

describe('a request that does not fit the model', () => {
  it('is refused alone', async () => {
    const engine = new StepEngine(new FakeModelRunner(), { capacity: 2, limits });
    const [wrong, right] = await Promise.allSettled([engine.submit({ ...usual, steps: 99 }), engine.submit(usual)]);
    expect(wrong).toMatchObject({ status: 'rejected', reason: { code: 'invalid_request', param: 'steps' } });
    expect(right.status).toBe('fulfilled');
  });
});
