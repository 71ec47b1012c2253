import { beforeEach, describe, expect, it } from 'vitest';
import { saferSampling, SlipstreamError, type GenerationSettings, type Sampling } from '@slipstream/contracts';
import { exampleManifest } from '@slipstream/contracts/testing';
import { openWorkerMetrics } from '@slipstream/metrics';
import type { SampleRequest, SampleResult } from '@slipstream/runtime';
import { askedOf, audit } from './audit.js';
import { Auditor } from './auditor.js';
import { fakePicture, FakeBoard, fakeScorer } from '../testing/fake-quality.js';

const manifest = exampleManifest();
const asked: Sampling = { strategy: 'shortcut', steps: 8, budget: 2, knobs: { placement: 'steps' }, guidance: 2, temperature: 1 };
const settings: GenerationSettings = { ...asked, model: 'tiny', prompt: 'a secret apple', n: 1, seed: 7, outputFormat: 'png', outputCompression: 100, background: 'transparent' };
const full = { ...asked, strategy: 'vanilla', budget: 8, knobs: {} };
const made = (level: number): GenerationSettings => (level === 0 ? settings : { ...settings, ...saferSampling(asked, level, manifest.sampling), fallback: { from: asked, level, reason: 'low' } });
const never = new AbortController().signal;

let submits: SampleRequest[];
let make: (request: SampleRequest) => SampleResult;
const unscored = { manifest, submit: async (request: SampleRequest) => (submits.push(request), make(request)), score: async () => [] };
const engine = { ...unscored, score: fakeScorer.score };
beforeEach(() => {
  submits = [];
  make = (request) => fakePicture({ value: request.budget * 10, token: request.budget, seconds: request.budget }, request);
});

describe('an audit', () => {
  it('makes the picture with every step full and as it was asked for, and tells what differs', async () => {
    const findings = await audit({ settings, seed: 9 }, { engine, signal: never });
    const wanted = { prompt: settings.prompt, seed: 9, cache: 'off' };
    expect(submits).toEqual([{ ...wanted, ...full }, { ...wanted, ...asked }]);
    expect(findings).toEqual([{ level: 0, agreement: 0, scoreDifferences: [{ scorer: 'first-byte', points: -60 }], seconds: { accelerated: 2, full: 8 } }]);
  });

  it('makes what was made in its place as well, so that asking and making are both known', async () => {
    const findings = await audit({ settings: made(1), seed: 9 }, { engine, signal: never });
    expect(submits.map(({ strategy, budget }) => [strategy, budget])).toEqual([['vanilla', 8], ['shortcut', 2], ['shortcut', 4]]);
    expect(findings.map(({ level, scoreDifferences }) => [level, scoreDifferences[0]!.points])).toEqual([[0, -60], [1, -40]]);
  });

  it('makes no more than two once every step is full already', async () => {
    const findings = await audit({ settings: made(2), seed: 9 }, { engine: unscored, signal: never });
    expect(submits.map(({ strategy, budget }) => [strategy, budget])).toEqual([['vanilla', 8], ['shortcut', 2]]);
    expect(findings).toMatchObject([{ level: 0, scoreDifferences: [] }]);
  });
});

describe('the auditor', () => {
  let board: FakeBoard;
  let logged: { level: string; line: object; text: string }[];
  const metrics = openWorkerMetrics({ engine: () => undefined });
  beforeEach(() => ([board, logged] = [new FakeBoard(), []]));
  const note = (level: string) => (line: object, text: string) => void logged.push({ level, line, text });
  const open = (options: Partial<ConstructorParameters<typeof Auditor>[0]> = {}) => new Auditor({
    engine, board, metrics, model: 'tiny', logger: { info: note('info'), warn: note('warn') } as any,
    bounds: { window: 4, minScoreDifference: -5 }, fallsBack: true, ...options,
  });
  /** What the gateway would make now. */
  const making = () => made(board.fallbackOf(asked)?.level ?? 0);
  async function audits(auditor: Auditor, count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) await auditor.run({ settings: making(), seed: i }, { signal: never, alone: () => true });
  }
  /** Pictures score this much less than full ones, by their budget. */
  const lacking = (points: Record<number, number>) => (make = (request) => fakePicture({ value: 100 - (points[request.budget] ?? 0) }, request));

  it('lets a bad setting fall back, further while that is bad too, and recovers when asking is good again', async () => {
    const auditor = open();
    lacking({ 2: 30, 4: 20 });
    await audits(auditor, 3);
    expect(board.fallbacks.size).toBe(0);
    await audits(auditor, 1);
    expect(board.fallbackOf(asked)).toMatchObject({ strategy: 'shortcut', level: 1, reason: expect.stringContaining('is -30') });
    await audits(auditor, 4);
    expect(board.fallbackOf(asked)).toMatchObject({ level: 2 });
    await audits(auditor, 20);
    expect(board.fallbackOf(asked)).toMatchObject({ level: 2 });
    lacking({});
    await audits(auditor, 4);
    expect(board.fallbacks.size).toBe(0);
    expect(logged.map(({ level, text }) => [level, text.split(':').slice(0, 2).join(':')])).toEqual([
      ['warn', 'quality fallback: shortcut with 4 of 8 steps full is made in place of shortcut with 2 of 8 steps full'],
      ['warn', 'quality fallback: vanilla with 8 steps is made in place of shortcut with 2 of 8 steps full'],
      ['info', 'quality recovered: shortcut with 2 of 8 steps full is made again'],
    ]);
    expect(JSON.stringify(logged)).not.toContain('secret');
    const { body } = await metrics.scrape();
    expect(body).toMatch(/slipstream_fallback_changes_total\{model="tiny",strategy="shortcut",to="safer"\} 2/);
    expect(body).toMatch(/slipstream_fallback_changes_total\{model="tiny",strategy="shortcut",to="asked"\} 1/);
    expect(body).toMatch(/slipstream_audit_score_difference_points_count\{model="tiny",strategy="shortcut",scorer="first-byte"\} \d/);
    expect(body).toMatch(/slipstream_audit_token_agreement_ratio_count\{model="tiny",strategy="shortcut"\} \d/);
  });

  it('holds a level that is good enough while asking stays bad', async () => {
    lacking({ 2: 30 });
    await audits(open(), 40);
    expect(board.fallbackOf(asked)).toMatchObject({ level: 1 });
  });

  it('changes nothing where that is switched off, and measures all the same', async () => {
    lacking({ 2: 30 });
    const auditor = open({ fallsBack: false });
    await audits(auditor, 10);
    expect(board.fallbacks.size).toBe(0);
    expect((await board.add(asked, 0, { audit: { agreement: 1 }, keep: 99 })).window).toHaveLength(5);
  });

  it('tells the speed-up of both pictures only when users did not share the engine', async () => {
    const own = openWorkerMetrics({ engine: () => undefined });
    make = (request) => fakePicture({ value: 1, seconds: request.budget }, request);
    const auditor = open({ metrics: own });
    await auditor.run({ settings, seed: 1 }, { signal: never, alone: () => false });
    expect((await own.scrape()).body).not.toMatch(/slipstream_audit_speedup_ratio_count\{/);
    await auditor.run({ settings, seed: 1 }, { signal: never, alone: () => true });
    const { body } = await own.scrape();
    expect(body).toMatch(/slipstream_audit_speedup_ratio_sum\{model="tiny",strategy="shortcut"\} 4/);
    expect(body).toMatch(/slipstream_audit_engine_seconds_total\{model="tiny",strategy="shortcut",made="full"\} 8/);
  });

  it('counts an audit that failed and goes on, and passes on one that was stopped, uncounted', async () => {
    const own = openWorkerMetrics({ engine: () => undefined });
    make = () => { throw new SlipstreamError('engine_failed', 'boom'); };
    const auditor = open({ metrics: own });
    await auditor.run({ settings, seed: 1 }, { signal: never, alone: () => true });
    expect(logged.at(-1)).toMatchObject({ level: 'warn', text: 'an audit failed' });
    await expect(auditor.run({ settings, seed: 1 }, { signal: AbortSignal.abort(), alone: () => true })).rejects.toThrow('boom');
    auditor.dropped({ settings, seed: 1 });
    const { body } = await own.scrape();
    expect(body).toMatch(/slipstream_audits_total\{model="tiny",strategy="shortcut",outcome="failed"\} 1/);
    expect(body).toMatch(/slipstream_audits_total\{model="tiny",strategy="shortcut",outcome="dropped"\} 1/);
    expect(body).not.toMatch(/outcome="done"/);
  });
});

it('audits what was asked for, whatever was made of it', () => {
  expect([0, 1, 2].map((level) => askedOf(made(level)))).toEqual([asked, asked, asked]);
});
