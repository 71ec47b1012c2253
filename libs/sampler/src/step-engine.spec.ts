import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateOne } from './generate-one.js';
import { PlanCrashed, StepEngine } from './step-engine.js';
import type { StepPlan } from './step-plan.js';
import { FakeModelRunner, TINY_MODEL } from './testing/fake-model-runner.js';
import type { Trajectory, TrajectoryRequest } from './trajectory.js';

const MOST_STEPS = 8;
const usual: TrajectoryRequest = {
  prompt: new Int32Array(4),
  seed: 1,
  strategy: 'shortcut',
  steps: 6,
  budget: 2,
  guidance: 2,
  temperature: 1,
};
const limits = { full: 4, shortcut: 8, decode: 4 };

interface Arrival {
  readonly request: TrajectoryRequest;
  /** The run during which it is submitted, and the one during which it is aborted. */
  readonly at: number;
  readonly abortAt: number | undefined;
}

const arrival: fc.Arbitrary<Arrival> = fc
  .record({
    seed: fc.nat(1000),
    word: fc.nat(5),
    strategy: fc.constantFrom('vanilla' as const, 'shortcut' as const),
    steps: fc.integer({ min: 1, max: MOST_STEPS }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    at: fc.nat(30),
    abortAt: fc.option(fc.nat(40), { nil: undefined, freq: 2 }),
  })
  .map(({ seed, word, strategy, steps, share, at, abortAt }) => ({
    request: { ...usual, prompt: Int32Array.of(word, 0, 0, 0), seed, strategy, steps, budget: 1 + Math.floor(share * (steps - 1)) },
    at,
    abortAt,
  }));

const scenario = fc.record({
  arrivals: fc.array(arrival, { minLength: 1, maxLength: 12 }),
  capacity: fc.integer({ min: 1, max: 5 }),
  limits: fc.record({ full: fc.integer({ min: 1, max: 4 }), shortcut: fc.integer({ min: 1, max: 4 }), decode: fc.integer({ min: 1, max: 4 }) }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

type Outcome = PromiseSettledResult<Trajectory>;
type Watch = (plan: StepPlan, engine: StepEngine, run: number) => void;

/** Plays a scenario; `watch` sees each plan with the engine as it stands. Settlements are counted, one list an arrival. */
async function play({ arrivals, capacity, limits: most }: Scenario, watch: Watch = () => undefined): Promise<Outcome[][]> {
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
  const runner = new FakeModelRunner(TINY_MODEL, (plan) => {
    watch(plan, engine, run);
    arrivals.forEach(({ at, abortAt }, i) => {
      if (at === run && !submitted.has(i)) submit(i);
      if (abortAt === run && submitted.has(i)) controllers[i]!.abort(`abort ${i}`);
    });
    run += 1;
  });
  const engine = new StepEngine(runner, { capacity, limits: most });
  for (let i = 0; i < arrivals.length; i++) {
    if (!submitted.has(i)) submit(i);
    while (engine.rowsInUse + engine.waiting > 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise((resolve) => setImmediate(resolve));
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

  it('gives every picture the bytes of the slow reference, beside any mates and any aborts', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const settled = await play(given);
        for (const [i, [outcome]] of settled.entries()) {
          if (outcome?.status !== 'fulfilled') continue;
          const { pixels, tokensByStep } = await generateOne(new FakeModelRunner(), given.arrivals[i]!.request);
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

  it('runs rows together only when kind and bucket agree, each row once, within the limit of the kind', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        await play(given, ({ kind, bucket, rows }) => {
          const trajectories = rows as readonly Trajectory[];
          expect(new Set(rows).size).toBe(rows.length);
          expect(rows.length).toBeLessThanOrEqual(given.limits[kind]);
          expect(trajectories.every((row) => row.kind === kind && row.bucket === bucket)).toBe(true);
        });
      }),
    );
  });

  it('starves nobody: a row in the making is served again within a bounded number of runs', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const served = new Map<unknown, number>();
        const longest = given.capacity * 2 * (MOST_STEPS + 1);
        await play(given, ({ rows }, _engine, run) => {
          for (const row of rows) {
            expect(run - (served.get(row) ?? run)).toBeLessThanOrEqual(longest);
            served.set(row, run);
          }
        });
      }),
    );
  });
});

describe('an abort', () => {
  it.each([0, 1, 3, 6])('during run %i frees the row for who waits and leaves the mates their bytes', async (abortAt) => {
    const arrivals = [5, 6, 7].map((seed, i) => ({ request: { ...usual, seed }, at: 0, abortAt: i === 0 ? abortAt : undefined }));
    arrivals.unshift({ request: { ...usual, seed: 4 }, at: -1, abortAt: undefined });
    const settled = await play({ arrivals, capacity: 2, limits });
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
    expect(made.finished).toBe(true);
    await expect(engine.submit(usual)).resolves.toMatchObject({ pixels: made.pixels });
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
      expect((outcome.reason as Error).message).toBe('the shortcut run of 2 rows, bucket 2 crashed: out of memory');
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
