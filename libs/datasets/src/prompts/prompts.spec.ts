import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filePrompts } from './file-prompts.js';
import type { PromptRow, PromptSource } from './prompt-row.js';
import { templatePrompts } from './template.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'prompts-'))));
afterAll(() => rm(folder, { recursive: true }));

async function written(name: string, content: string | Uint8Array): Promise<PromptSource> {
  const path = join(folder, name);
  await writeFile(path, content);
  return filePrompts(path);
}

async function rowsOf(source: PromptSource): Promise<PromptRow[]> {
  const rows: PromptRow[] = [];
  for await (const row of source.rows()) rows.push(row);
  return rows;
}

describe('prompts in JSONL', () => {
  it('are texts or objects, by line, whatever else an object has', async () => {
    const source = await written('a.jsonl', '\ufeff"cat"\r\n\n{"prompt": "dog", "seed": 7, "id": "x"}\n{"prompt":"Ünï"}');
    expect(await rowsOf(source)).toEqual([{ row: 1, prompt: 'cat' }, { row: 3, prompt: 'dog', seed: 7 }, { row: 4, prompt: 'Ünï' }]);
    expect(source.description).toBe('a.jsonl');
  });

  it('that are malformed are named by line and the others go on', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => JSON.stringify({ prompt: `cat ${i}` }));
    lines[2] = '{"prompt": "cat';
    lines[3] = '{"text": "cat"}';
    lines[4] = '{"prompt": ""}';
    lines[5] = '{"prompt": "cat", "seed": -1}';
    lines[6] = `"${'x'.repeat(2 ** 21)}"`;
    const rows = await rowsOf(await written('b.jsonl', lines.join('\n')));
    expect(rows).toHaveLength(5000);
    expect(rows.filter(({ fault }) => fault).map(({ fault }) => fault)).toEqual([
      'row 3: it is not JSON',
      'row 4: it must be a text or an object with a "prompt"',
      'row 5: prompt must be a text of 1 to 32,000 characters without control characters',
      'row 6: seed must be a whole number from 0 to 9007199254740991',
      'row 7: the line is longer than 1048576 bytes',
    ]);
    expect(rows.at(-1)).toEqual({ row: 5000, prompt: 'cat 4999' });
  });

  it('may break anywhere between chunks', async () => {
    const text = Array.from({ length: 40_000 }, (_, i) => JSON.stringify({ prompt: `Katze über ${i}` })).join('\n');
    const rows = await rowsOf(await written('c.jsonl', text)); // a file is read in chunks of 64 KiB
    expect(rows.map(({ prompt }) => prompt)).toEqual(Array.from({ length: 40_000 }, (_, i) => `Katze über ${i}`));
  });
});

describe('prompts in CSV', () => {
  it('are found by the header, quoted or not', async () => {
    const source = await written('a.csv', '\ufeffid,prompt,seed\n1,"a ""red"" cup,\nsmall",3\n2,cat,\n3,dog\n');
    expect(await rowsOf(source)).toEqual([
      { row: 1, prompt: 'a "red" cup,\nsmall', seed: 3 },
      { row: 2, prompt: 'cat' },
      { row: 3, fault: 'row 3: it has 2 columns, the header 3' },
    ]);
  });

  it.each([
    ['no.csv', 'text\ncat\n', /no column "prompt" but "text"/],
    ['empty.csv', '', /it is empty/],
    ['quotes.csv', 'prompt\n"cat', /cannot be read as CSV/],
  ])('that cannot be read are refused whole: %s', async (name, content, message) => {
    await expect(written(name, content).then(rowsOf)).rejects.toMatchObject({ code: 'invalid_request', message: expect.stringMatching(message) });
  });
});

describe('prompts in Parquet', () => {
  const parquet = (columnData: Parameters<typeof parquetWriteBuffer>[0]['columnData']) => new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 2 }));

  it('are read over all row groups', async () => {
    const source = await written('a.parquet', parquet([
      { name: 'id', data: ['x', 'y', 'z'], type: 'STRING' },
      { name: 'prompt', data: ['cat', null, 'dog'], type: 'STRING' },
      { name: 'seed', data: [5n, 6n, null], type: 'INT64' },
    ]));
    expect(await rowsOf(source)).toEqual([
      { row: 1, prompt: 'cat', seed: 5 },
      { row: 2, fault: 'row 2: prompt must be a text of 1 to 32,000 characters without control characters' },
      { row: 3, prompt: 'dog' },
    ]);
  });

  it('are read a piece at a time, though all are in one row group, and in order', async () => {
    const prompts = Array.from({ length: 40_000 }, (_, i) => `cat ${i}`);
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'prompt', data: prompts, type: 'STRING' }], rowGroupSize: 40_000, pageSize: 10_000 }));
    const rows = await rowsOf(await written('large.parquet', bytes));
    expect(rows.map(({ prompt }) => prompt)).toEqual(prompts);
    expect(rows.map(({ row }) => row)).toEqual(prompts.map((_, i) => i + 1));
  });

  it('that cannot be read are refused whole', async () => {
    await expect(written('b.parquet', 'no parquet at all').then(rowsOf)).rejects.toMatchObject({ code: 'invalid_request' });
    const other = written('c.parquet', parquet([{ name: 'text', data: ['cat'], type: 'STRING' }]));
    await expect(other.then(rowsOf)).rejects.toThrow(/no column "prompt" but "text"/);
  });
});

describe('prompts of a template', () => {
  it('are all combinations, the last list turning fastest', async () => {
    const source = templatePrompts('a {colour} {thing}, {colour}', { colour: ['red', 'blue'], thing: ['cup', 'cat'] });
    expect((await rowsOf(source)).map(({ prompt }) => prompt)).toEqual(['a red cup, red', 'a red cat, red', 'a blue cup, blue', 'a blue cat, blue']);
  });

  it.each([
    ['a cup', {}, /no \{name\} in it/],
    ['a {colour} cup', {}, /\{colour\} has no list/],
    ['a {colour} cup', { colour: [] }, /\{colour\} has no list/],
    ['a {colour} cup', { colour: ['red'], thing: ['x'] }, /list thing is not in the template/],
  ])('that make no sense are refused: %s', (template, lists, message) => {
    expect(() => templatePrompts(template, lists)).toThrow(message);
  });
});

it.each([['prompts.txt', /no ending/], ['missing.jsonl', /no prompts at/]])('the file %s is refused', async (name, message) => {
  await expect(filePrompts(join(folder, name))).rejects.toThrow(message);
});
