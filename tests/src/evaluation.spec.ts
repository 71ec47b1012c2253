import { createHash } from 'node:crypto';
import { cp, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, repositoryRoot, scratch, startProcess, waitForExit, type RunningProcess, type Scratch } from './harness/index.js';

let own: Scratch;
let scorers: string;
beforeAll(async () => {
  own = await scratch('evaluation');
  scorers = join(own.folder, 'scorers');
  for (const name of ['tiny-classifier', 'tiny-text']) await cp(join(repositoryRoot, 'tests/bundles', name), join(scorers, name), { recursive: true });
});
afterAll(() => own?.dispose());

const evaluate = (out: string, ...options: string[]): RunningProcess =>
  startProcess({ name: 'slipstream', command: process.execPath, args: ['apps/cli/bin/slipstream.js', 'eval', '--quick', '--bundle', String(own.env['BUNDLE']), '--scorers', scorers, '--out', out, ...options], cwd: repositoryRoot });

const lines = async (path: string): Promise<string[]> => (await readFile(path, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');

describe('an evaluation', () => {
  it('that is killed half-way goes on, counts nothing twice and ends with a report and its pictures', async () => {
    const out = join(own.folder, 'report');
    const killed = evaluate(out);
    await eventually(async () => (await lines(join(out, 'pictures/vanilla.jsonl'))).length > 5, { what: 'pictures in the log', deadlineMs: 60_000 });
    await killed.stop('SIGKILL');
    const kept = await lines(join(out, 'pictures/vanilla.jsonl'));
    const further = ['tiny-clip-iqa', 'tiny-image-reward'].map((name) => join(repositoryRoot, 'tests/bundles', name));
    const { code } = await waitForExit(evaluate(out, '--scorer', ...further), 240_000);
    expect(code).toBe(0);
    const all = await lines(join(out, 'pictures/vanilla.jsonl'));
    expect(all.slice(0, kept.length - 1)).toEqual(kept.slice(0, -1));
    expect(new Set(all.map((line) => (JSON.parse(line) as { subject: number }).subject)).size).toBe(all.length);
    const report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as { arms: { arm: { id: string }; seconds: { median: number }; scores: Record<string, { value: { value: number }; difference: { value: number } }> }[]; scorers: Record<string, string>; gaps: unknown[] };
    expect(report.arms.map(({ arm }) => arm.id)).toEqual(expect.arrayContaining(['vanilla', 'vanilla-rerun', 'halton', 'shortcut-b3', 'adaptive-b3', 'anchored-b3', 'taylorseer-b3', 'ml-cache', 'recap', 'dllm-cache', 'dimo']));
    expect(report.arms.every(({ seconds }) => seconds.median > 0)).toBe(true);
    for (const name of ['tiny-clip-iqa', 'tiny-image-reward']) {
      expect(report.scorers[name]).toMatch(/^[0-9a-f]{64}$/);
      expect(report.arms.every(({ scores }) => Number.isFinite(scores[name]!.value.value))).toBe(true);
      expect(report.arms.find(({ arm }) => arm.id === 'vanilla')!.scores[name]!.difference.value).toBe(0);
      expect(report.arms.some(({ scores }) => scores[name]!.difference.value !== 0)).toBe(true);
      expect(await readFile(join(out, 'report.md'), 'utf8')).toContain(`(score-${name}.svg)`);
    }
    expect(report.gaps.length).toBeGreaterThan(0);
    expect(await readdir(out)).toEqual(expect.arrayContaining(['alignment.svg', 'score-tiny-clip-iqa.svg', 'score-tiny-image-reward.svg', 'coherence.svg', 'frechet.svg', 'gaps.svg', 'grid.png', 'report.md']));
  }, 360_000);

  it('refuses scorers of another picture size, naming the scorer', async () => {
    const run = evaluate(join(own.folder, 'other'), '--scorers', join(repositoryRoot, 'bundles/scorers'));
    expect((await waitForExit(run, 240_000)).code).not.toBe(0);
    expect(run.output()).toMatch(/emoji-classifier|picture 0/);
  }, 300_000);

  it('refuses a scorer that is given twice, naming it', async () => {
    const run = evaluate(join(own.folder, 'report'), '--scorer', join(scorers, 'tiny-text'));
    expect((await waitForExit(run, 240_000)).code).not.toBe(0);
    expect(run.output()).toContain('two scorers are called tiny-text');
  }, 300_000);

  it('refuses statistics of another scorer, by digest', async () => {
    const foreign = join(own.folder, 'foreign');
    await cp(scorers, foreign, { recursive: true });
    const path = join(foreign, 'tiny-classifier/reference.json');
    const text = (await readFile(path, 'utf8')).replace(/"imageGraph": ?"[0-9a-f]{4}/, (found) => `${found.slice(0, -4)}0000`);
    await writeFile(path, text);
    const manifestPath = join(foreign, 'tiny-classifier/manifest.json');
    const manifest = JSON.parse(await readFile(manifestPath, 'utf8')) as { files: { path: string; bytes: number; sha256: string }[] };
    manifest.files = manifest.files.map((file) => (file.path === 'reference.json' ? { ...file, bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') } : file));
    await writeFile(manifestPath, JSON.stringify(manifest));
    const run = evaluate(join(own.folder, 'report'), '--scorers', foreign);
    expect((await waitForExit(run, 240_000)).code).not.toBe(0);
    expect(run.output()).toContain('its statistics do not compare');
  }, 300_000);
});
