import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { asyncBufferFromFile } from 'hyparquet';
import { SlipstreamError } from '@slipstream/contracts';
import type { PromptRow, PromptSource } from './prompt-row.js';
import { readCsv } from './read-csv.js';
import { readJsonl } from './read-jsonl.js';
import { readParquet } from './read-parquet.js';

const readers: Readonly<Record<string, (path: string, name: string) => AsyncIterable<PromptRow>>> = {
  '.jsonl': (path) => readJsonl(createReadStream(path)),
  '.csv': (path, name) => readCsv(createReadStream(path), name),
  '.parquet': async function* (path, name) {
    yield* readParquet(await asyncBufferFromFile(path), name);
  },
};

/** The prompts in a file, by its ending: .jsonl, .csv or .parquet. Throws `invalid_request` for another, or for none that can be read. */
export async function filePrompts(path: string): Promise<PromptSource> {
  const [read, name] = [readers[extname(path).toLowerCase()], basename(path)];
  if (!read) throw new SlipstreamError('invalid_request', `${name} has no ending of a file of prompts`, { param: 'prompts', remedy: `use one of ${Object.keys(readers).join(', ')}` });
  await access(path).catch((cause: unknown) => {
    throw new SlipstreamError('invalid_request', `there are no prompts at ${path}`, { param: 'prompts', remedy: 'name a file that exists and may be read', cause });
  });
  return { description: name, rows: () => read(path, name) };
}
