import { mkdtempSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { filePrompts } from '@slipstream/datasets';
import { repositoryRoot, runToEnd } from '../harness/index.js';
import { pythonOfDatasets } from './command-line.js';

const folder = mkdtempSync(join(tmpdir(), 'slipstream-prompts-'));
afterAll(() => rm(folder, { recursive: true }));

it('prompts in Parquet are read however pyarrow packed, encoded and divided them', async () => {
  await runToEnd(await pythonOfDatasets(), [join(repositoryRoot, 'tests/src/datasets/write-prompts.py'), folder]);
  const files = await readdir(folder);
  expect(files).toHaveLength(18);
  for (const file of files) {
    let row = 0;
    for await (const { prompt, seed, fault } of (await filePrompts(join(folder, file))).rows()) {
      const expected = row % 97 === 0 ? { fault: expect.any(String) } : { prompt: `a ${['red', 'blue', 'grün'][row % 3]} cup`, seed: row % 5 === 0 ? undefined : 4_000_000_000 + row };
      expect({ file, row, prompt, seed, fault }).toEqual({ file, row, prompt: undefined, seed: undefined, fault: undefined, ...expected });
      row += 1;
    }
    expect([file, row]).toEqual([file, 3_000]);
  }
}, 600_000);
