import { mkdtempSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/index.js';
import { dataset, datasetToEnd, digests, readBack } from './command-line.js';

const folder = mkdtempSync(join(tmpdir(), 'slipstream-dataset-'));
const prompts = join(folder, 'prompts.jsonl');
const tiny = ['--bundle', 'tests/bundles/tiny', '--threads', '1'];
beforeAll(async () => {
  const lines = Array.from({ length: 30 }, (_, i) => JSON.stringify({ prompt: `${['red', 'green', 'blue'][i % 3]} apple ${i}` }));
  lines[2] = '{"prompt": ';
  lines[9] = lines[8]!;
  await writeFile(prompts, lines.join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (out: string, ...more: string[]) => ['run', '--prompts', prompts, '--name', 'apples', '--pictures', '20', '--shard-size', '25', '--out', join(folder, out), ...tiny, ...more];

describe('a data set from the command line', () => {
  it('is what webdataset and pyarrow read: every sample once, whole, with its reason where it is left out', async () => {
    const { code, said } = await datasetToEnd(...run('read', '--drop-duplicates'));
    expect({ code, said }).toMatchObject({ code: 0 });
    expect(said).toContain('no prompt: row 3: it is not JSON');
    const { samples, rows, schema } = await readBack(join(folder, 'read'), 'apples');
    expect(rows.map(({ key }) => Number(key))).toEqual(Array.from({ length: 600 }, (_, i) => i));
    const kept = rows.filter(({ status }) => status === 'success');
    expect(samples.map(({ key, prompt, sha256 }) => ({ key, prompt, sha256 }))).toEqual(kept.map(({ key, prompt, sha256 }) => ({ key, prompt, sha256 })));
    expect(samples.map(({ about }) => about['seed'])).toEqual(kept.map(({ seed }) => seed));
    expect(rows.filter(({ reason }) => reason === 'faulty_row').map(({ source_row }) => source_row)).toEqual(Array(20).fill(3));
    expect(schema).toMatchObject({ key: 'string', status: 'string', seed: 'int64', bytes: 'int32', score: 'double', prompt: 'string' });
    expect(await datasetToEnd('verify', join(folder, 'read'))).toMatchObject({ code: 0, said: expect.stringContaining('24 shards, every file as the manifest has it') });
  }, 600_000);

  it('has shards of equal size, numbered without gaps, and says how many full steps repeated prompts saved', async () => {
    const manifest = JSON.parse(await readFile(join(folder, 'read', 'manifest.json'), 'utf8'));
    expect(manifest.shards.map(({ tar, count }: any) => [tar.file, count])).toEqual(Array.from({ length: 24 }, (_, i) => [`apples-${String(i).padStart(6, '0')}.tar`, 25]));
    const { said } = await datasetToEnd('status', join(folder, 'read'), '--json');
    const status = JSON.parse(said);
    expect(status).toMatchObject({ status: 'completed', shards: { total: 24, done: 24 }, samples: { total: 600, done: 600 }, pictures_made: 580 });
    expect(status.full_steps_saved).toBeGreaterThan(400); // of 580 first steps
    expect(status.full_steps_saved).toBeLessThanOrEqual(580);
  }, 60_000);

  it('ends with the same bytes after kill −9, several times, and resume', async () => {
    const out = join(folder, 'killed');
    for (const shards of [1, 6, 14]) {
      const running = dataset(...run('killed', '--drop-duplicates'));
      await eventually(async () => (await statsIn(out)).length >= shards, { what: `${shards} shards are done` });
      expect(await running.stop('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
      expect((await statsIn(out)).length).toBeLessThan(24);
    }
    expect((await datasetToEnd('status', out)).said).toMatch(/apples: unfinished, \d+ of 24 shards/);
    expect(await datasetToEnd('resume', out, ...tiny)).toMatchObject({ code: 0 });
    expect(await digests(out)).toEqual(await digests(join(folder, 'read')));
  }, 240_000);

  it('stops at Ctrl-C with 130 and goes on with the command that began it', async () => {
    const out = join(folder, 'stopped');
    const running = dataset(...run('stopped', '--drop-duplicates'));
    await eventually(async () => (await statsIn(out)).length > 0, { what: 'a shard is done' });
    expect(await running.stop('SIGINT')).toMatchObject({ code: 130 });
    expect(await datasetToEnd(...run('stopped', '--drop-duplicates'))).toMatchObject({ code: 0 });
    expect(await digests(out)).toEqual(await digests(join(folder, 'read')));
  }, 240_000);

  it('is planned by the measured cost of its first pictures, and nothing is written', async () => {
    const before = await readdir(folder);
    const { code, said } = await datasetToEnd('plan', '--template', 'a {colour} {thing}', '--list', 'colour=red,blue', '--list', 'thing=cup,cat,dog', '--pictures', '7', '--shard-size', '10', '--capacity', '4', ...tiny, '--json');
    expect(code).toBe(0);
    const { plan, estimate } = JSON.parse(said);
    expect(plan).toMatchObject({ prompts: { count: 6 }, picturesPerPrompt: 7, shards: 5 });
    expect(estimate).toMatchObject({ measured: 8, rowSeconds: { full: expect.any(Number), shortcut: expect.any(Number) } });
    for (const figure of [estimate.deviceSeconds, estimate.seconds, estimate.bytes]) expect(figure).toBeGreaterThan(0);
    expect(await readdir(folder)).toEqual(before);
  }, 60_000);
});

it('filters by a scorer and by likeness, and the tables say what was left out', async () => {
  const filters = ['--min-score', '6', '--scorer', 'tests/bundles/tiny-classifier', '--near-duplicates', '8'];
  const args = ['run', '--template', '{thing}', '--list', 'thing=cup,cat', '--pictures', '40', '--shard-size', '40', '--name', 'few', '--out', join(folder, 'few'), ...tiny];
  expect(await datasetToEnd(...args, ...filters)).toMatchObject({ code: 0 });
  const { samples, rows } = await readBack(join(folder, 'few'), 'few');
  const by = (reason: string | null) => rows.filter((row) => row['reason'] === reason);
  expect(rows).toHaveLength(80);
  for (const { score } of by('low_score')) expect(score).toBeLessThan(6);
  for (const { score, reason } of rows) if (reason !== 'low_score') expect(score).toBeGreaterThanOrEqual(6);
  expect(samples.map(({ key }) => key)).toEqual(by(null).map(({ key }) => key));
  for (const { duplicate_of, key } of by('near_duplicate')) expect([samples.some((sample) => sample.key === duplicate_of), String(duplicate_of) < String(key)]).toEqual([true, true]);
  expect(by('low_score').length + by('near_duplicate').length).toBeGreaterThan(0);
}, 120_000);

it('is held against the bare engine in turns', async () => {
  const { code, said } = await datasetToEnd('bench', '--template', '{thing}', '--list', 'thing=cup,cat', '--pictures', '10', '--rounds', '1', ...tiny, '--json');
  expect(code).toBe(0);
  const { rounds, ratio } = JSON.parse(said.slice(said.indexOf('{'))) as { rounds: { ratio: number }[]; ratio: { median: number } };
  expect(rounds).toHaveLength(1);
  expect(ratio.median).toBeCloseTo(rounds[0]!.ratio);
}, 60_000);

describe('bad input', () => {
  it.each<[string, string[], RegExp]>([
    ['a name that leaves the folder', run('bad', '--name', '../../escape'), /name must be 1 to 64 lower-case letters/],
    ['no prompts', ['run', '--out', 'x', ...tiny], /--prompts or --template is needed/],
    ['a template without its list', ['plan', '--template', 'a {colour} cup', ...tiny], /\{colour\} has no list/],
    ['a least score without a scorer', run('bad', '--min-score', '20'), /--min-score needs a scorer/],
    ['a strategy that is none', run('bad', '--strategy', 'magic'), /strategy is "magic"/],
    ['a folder without a data set', ['status', '/nowhere'], /there is no data set in \/nowhere/],
  ])('%s is refused in one line, and nothing is written', async (_, args, message) => {
    const { code, said } = await datasetToEnd(...args);
    expect({ code, said }).toMatchObject({ code: 2, said: expect.stringMatching(message) });
    expect(said.trim().split('\n').filter((line) => !line.startsWith('no prompt')).length).toBe(1);
    expect(await readdir(folder)).not.toContain('bad');
  }, 60_000);

  it('another data set in the folder of one is refused, and a damaged one is found', async () => {
    expect(await datasetToEnd(...run('read', '--drop-duplicates', '--seed', '1'))).toMatchObject({ code: 2, said: expect.stringMatching(/another data set lies there: its seed is different/) });
    const tar = join(folder, 'killed', 'apples-000003.tar');
    const bytes = await readFile(tar);
    bytes[1000]! ^= 1;
    await writeFile(tar, bytes);
    expect(await datasetToEnd('verify', join(folder, 'killed'))).toMatchObject({ code: 1, said: expect.stringContaining('apples-000003.tar was altered') });
  }, 60_000);
});

async function statsIn(out: string): Promise<string[]> {
  return (await readdir(out).catch(() => [])).filter((name) => name.endsWith('_stats.json'));
}
