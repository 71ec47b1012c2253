import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PictureLog } from './picture-log.js';

const picture = (subject: number) => ({ subject, tokens: [1, 2], fullSteps: 1, shortcutSteps: 2, partialSteps: 0 });

describe('the log of an evaluation', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'slipstream-log-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('gives back what was made, each subject once', async () => {
    const log = await PictureLog.open(folder, { seeds: 1 });
    for (const subject of [3, 4, 3]) await log.add('vanilla', picture(subject));
    const again = await PictureLog.open(folder, { seeds: 1 });
    expect([...(await again.read('vanilla')).keys()]).toEqual([3, 4]);
    expect((await again.read('shortcut-b4')).size).toBe(0);
  });

  it('drops a line that a kill cut short, and goes on behind the last whole one', async () => {
    const log = await PictureLog.open(folder, {});
    await log.add('vanilla', picture(1));
    await appendFile(join(folder, 'pictures', 'vanilla.jsonl'), '{"subject":2,"tok');
    expect([...(await log.read('vanilla')).keys()]).toEqual([1]);
    await log.add('vanilla', picture(2));
    expect((await readFile(join(folder, 'pictures', 'vanilla.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(2);
    expect([...(await log.read('vanilla')).keys()]).toEqual([1, 2]);
  });

  it('refuses the folder of another evaluation', async () => {
    await PictureLog.open(folder, { seeds: 1 });
    await expect(PictureLog.open(folder, { seeds: 2 })).rejects.toMatchObject({ code: 'invalid_request', param: '--out' });
  });
});
