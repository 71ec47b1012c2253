import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readPngText } from '@slipstream/pictures';
import { openEngine, type SampleRequest } from '@slipstream/runtime';
import { TINY_BUNDLE, type BundleCopy } from '@slipstream/runtime/testing';
import { tokenAgreement } from '@slipstream/quality';
import { ask, eventually, scratch, startGateway, startWorker, type Answer, type RunningServer, type Scratch } from '../harness/index.js';
import { degradedBundle } from './degraded-bundle.js';

const acceleration = { strategy: 'shortcut', steps: 8, budget: 2, guidance: 2, temperature: 0.9 } as const;
const bound = 0.5;
const window = 4;

/** Seeds by how the degraded shortcut does on them: this is production traffic before and after it turns. */
interface Traffic {
  /** Poor as asked for, fine with twice the full steps. */
  readonly poor: readonly number[];
  /** Fine as asked for, though the shortcut is what it is. */
  readonly fine: readonly number[];
}

describe('production over a shortcut that was degraded', { timeout: 240_000 }, () => {
  let bundle: BundleCopy;
  let traffic: Traffic;
  let own: Scratch;
  let running: RunningServer[] = [];

  beforeAll(async () => {
    bundle = await degradedBundle();
    traffic = await trafficFor(bundle.dir);
  }, 120_000);
  afterEach(async () => {
    await Promise.all(running.map((server) => server.stop('SIGKILL')));
    running = [];
    await own.dispose();
  });
  afterAll(() => bundle[Symbol.asyncDispose]());

  async function start(app: typeof startWorker, env: Record<string, string> = {}): Promise<RunningServer> {
    const audits = { AUDIT_SHARE: '1', AUDIT_WINDOW: String(window), AUDIT_MIN_AGREEMENT: String(bound), SCORERS: 'none' };
    const server = await app({ ...own.env, ...audits, BUNDLE: bundle.dir, ...env });
    running.push(server);
    await server.ready(100_000);
    return server;
  }
  const make = (gateway: RunningServer, seed: number, fields: object = {}): Promise<Answer> =>
    ask(`${gateway.url}/v1/images/generations`, { json: { prompt: 'apple', seed, response_format: 'b64_json', acceleration, ...fields } });
  const metrics = async ({ url }: RunningServer): Promise<string> => (await fetch(`${url}/metrics`)).text();
  const level = async (worker: RunningServer): Promise<number> => sum(await metrics(worker), 'slipstream_fallback_level', 'strategy="shortcut"');
  const audited = async (workers: RunningServer[]): Promise<number> => total(await Promise.all(workers.map(async (worker) => sum(await metrics(worker), 'slipstream_audits_total', 'outcome="done"'))));
  /** Asks for one seed after the other, for ever; each is audited before the next. */
  async function* serve(gateway: RunningServer, { seeds, workers }: { seeds: readonly number[]; workers: RunningServer[] }): AsyncGenerator<Answer> {
    for (let i = 0; ; i += 1) {
      const before = await audited(workers);
      const answer = await make(gateway, seeds[i % seeds.length]!);
      expect(answer.status).toBe(200);
      yield answer;
      await eventually(async () => (await audited(workers)) > before, { what: 'the picture is audited' });
    }
  }
  /** The first answer that is as wanted; the gateway hears of changes within a second. */
  async function firstOf(answers: AsyncGenerator<Answer>, wanted: (answer: Answer) => boolean, what: string): Promise<Answer> {
    return eventually(async () => {
      const { value } = await answers.next();
      return wanted(value) && value;
    }, { what: `${what}\n${running.map((server) => server.output()).join('\n')}`, deadlineMs: 60_000, intervalMs: 0 });
  }
  async function take(answers: AsyncGenerator<Answer>, count: number): Promise<Answer[]> {
    const taken: Answer[] = [];
    for await (const answer of answers) if (taken.push(answer) > count) return taken;
    return taken;
  }
  const fellBack = ({ body }: Answer): boolean => body.slipstream.fallback !== undefined;

  it('falls back for the whole fleet, says so everywhere, survives a kill, and recovers by itself', async () => {
    own = await scratch('fallback');
    const [gateway, ...workers] = await Promise.all([start(startGateway), start(startWorker), start(startWorker)]) as [RunningServer, RunningServer, RunningServer];
    const first = await make(gateway, traffic.poor[0]!);
    expect(first.body.slipstream).toMatchObject({ strategy: 'shortcut', steps: 8, full_steps: 2, shortcut_steps: 6 });
    expect(first.body.slipstream).not.toHaveProperty('fallback');
    expect(await Promise.all(workers.map(level))).toEqual([0, 0]);

    const safer = await firstOf(serve(gateway, { seeds: traffic.poor, workers }), fellBack, 'an answer that fell back');

    // The answer says what was asked for, what was made, and why.
    expect(safer.body.slipstream).toMatchObject({
      strategy: 'shortcut', steps: 8, full_steps: 4, shortcut_steps: 4,
      fallback: { from: { strategy: 'shortcut', steps: 8, budget: 2 }, reason: expect.stringMatching(/^token agreement with every step full is 0\.\d+ \(95 % interval .*\) in the last 4 audits, where at least 0\.5 is wanted$/) },
    });
    // The picture says what it is: byte for byte the one that asking for it would have given.
    const picture = Buffer.from(safer.body.data[0].b64_json, 'base64');
    expect(readPngText(picture)).toMatchObject({ strategy: 'shortcut', budget: 4, full_steps: 4 });
    const direct = await make(gateway, safer.body.slipstream.seed, { acceleration: { ...acceleration, budget: 4 } });
    expect(direct.body.slipstream).not.toHaveProperty('fallback');
    expect(Buffer.from(direct.body.data[0].b64_json, 'base64').equals(picture)).toBe(true);
    // So does the asynchronous door, before anything is made; other settings are left alone.
    const accepted = await ask(`${gateway.url}/v1/generations`, { json: { prompt: 'apple', seed: 1, acceleration } });
    expect(accepted.body.acceleration).toMatchObject({ strategy: 'shortcut', budget: 4, fallback: { from: { budget: 2 } } });
    expect((await make(gateway, 1, { acceleration: { ...acceleration, budget: 3 } })).body.slipstream).toMatchObject({ full_steps: 3 });
    // Metric on every worker, log line on the one that found out.
    await eventually(async () => (await Promise.all(workers.map(level))).every((at) => at === 1), { what: 'both workers show the level' });
    const lines = workers.flatMap((worker) => worker.output().split('\n').filter((line) => line.includes('quality fallback')));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('shortcut with 4 of 8 steps full is made in place of shortcut with 2 of 8 steps full: token agreement');
    expect(lines[0]).not.toContain('apple');

    // What the fleet knows does not die with a worker.
    await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
    const fresh = [await start(startWorker)];
    await eventually(async () => (await level(fresh[0]!)) === 1, { what: 'a new worker knows the fallback' });

    // Probes go on measuring what was asked for; once that is good again it is made again.
    const recovered = await firstOf(serve(gateway, { seeds: traffic.fine, workers: fresh }), (answer) => !fellBack(answer), 'an answer as asked for');
    expect(recovered.body.slipstream).toMatchObject({ strategy: 'shortcut', full_steps: 2, shortcut_steps: 6 });
    await eventually(async () => (await level(fresh[0]!)) === 0, { what: 'the metric shows the recovery' });
    expect(fresh[0]!.output()).toContain('quality recovered: shortcut with 2 of 8 steps full is made again');
    const text = await metrics(fresh[0]!);
    expect(sum(text, 'slipstream_fallback_changes_total', 'to="asked"')).toBe(1);
    expect(sum(text, 'slipstream_audit_token_agreement_ratio_count', 'strategy="shortcut"')).toBeGreaterThanOrEqual(window);
    expect(sum(text, 'slipstream_audit_speedup_ratio_count', 'strategy="shortcut"')).toBeGreaterThanOrEqual(1);
  });

  it('keeps to what was asked for where the configuration says so, and goes on measuring', async () => {
    own = await scratch('no-fallback');
    const [gateway, worker] = await Promise.all([start(startGateway), start(startWorker)]) as [RunningServer, RunningServer];
    await firstOf(serve(gateway, { seeds: traffic.poor, workers: [worker] }), fellBack, 'an answer that fell back');
    await worker.stop();
    const keeping = await start(startWorker, { AUDIT_FALLBACK: 'off' });
    const answers = serve(gateway, { seeds: traffic.poor, workers: [keeping] });
    await firstOf(answers, (answer) => !fellBack(answer), 'an answer as asked for');
    const kept = await take(answers, 3 * window);
    expect(kept.filter(fellBack)).toEqual([]);
    expect(await audited([keeping])).toBeGreaterThanOrEqual(3 * window);
    expect(await level(keeping)).toBe(0);
  });

  it('leaves a shortcut alone that is as it was trained', async () => {
    own = await scratch('healthy');
    const [gateway, worker] = await Promise.all([start(startGateway, { BUNDLE: TINY_BUNDLE }), start(startWorker, { BUNDLE: TINY_BUNDLE })]) as [RunningServer, RunningServer];
    const answers = await take(serve(gateway, { seeds: traffic.poor, workers: [worker] }), 3 * window);
    expect(answers.filter(fellBack)).toEqual([]);
    expect(await audited([worker])).toBeGreaterThanOrEqual(3 * window);
    expect(await level(worker)).toBe(0);
  });
});

/** Finds the traffic by making the pictures, which are the same bytes in any process. */
async function trafficFor(bundleDir: string): Promise<Traffic> {
  const engine = await openEngine({ bundleDir, threads: 1 });
  const tokens = async (request: Omit<SampleRequest, 'prompt' | 'guidance' | 'temperature' | 'steps'>) => (await engine.submit({ ...acceleration, ...request, prompt: 'apple' })).tokens;
  const found = await Promise.all(Array.from({ length: 120 }, async (_, seed) => {
    const full = await tokens({ strategy: 'vanilla', budget: 8, seed });
    const agreement = async (budget: number) => tokenAgreement(await tokens({ strategy: 'shortcut', budget, seed }), full);
    return { seed, asked: await agreement(2), doubled: await agreement(4) };
  }));
  await engine.close();
  const poor = found.filter(({ asked, doubled }) => asked <= 0.35 && doubled >= 0.56).map(({ seed }) => seed);
  const fine = found.filter(({ asked }) => asked >= 0.56).map(({ seed }) => seed);
  if (poor.length < 3 || fine.length < 3) throw new Error(`the degraded shortcut gives no such traffic: ${JSON.stringify(found)}`);
  return { poor: poor.slice(0, window), fine: fine.slice(0, window) };
}

/** Sum of a metric's samples whose labels hold `labels`. */
function sum(text: string, name: string, labels: string): number {
  return total(text.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(labels)).map((line) => Number(line.split(' ').at(-1))));
}

const total = (values: number[]): number => values.reduce((all, value) => all + value, 0);
