import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { asyncBufferFromFile, type AsyncBuffer } from 'hyparquet';
import { SlipstreamError } from '@slipstream/contracts';
import type { PromptRow, PromptSource } from './prompt-row.js';
import { readCsv } from './read-csv.js';
import { readJsonl } from './read-jsonl.js';
import { readParquet } from './read-parquet.js';

/** A file of prompts, wherever it lies: its bytes from the front, or any of them. */
export interface StoredFile {
  readonly name: string;
  chunks(): AsyncIterable<Uint8Array>;
  random(): Promise<AsyncBuffer>;
}

const readers: Readonly<Record<string, (file: StoredFile) => AsyncIterable<PromptRow>>> = {
  '.jsonl': (file) => readJsonl(file.chunks()),
  '.csv': (file) => readCsv(file.chunks(), file.name),
  '.parquet': async function* (file) {
    yield* readParquet(await file.random(), file.name);
  },
};

/** The prompts in a file, by the ending of its name: .jsonl, .csv or .parquet. Throws `invalid_request` for another. */
export function storedPrompts(file: StoredFile): PromptSource {
  const read = readers[extname(file.name).toLowerCase()];
  if (!read) throw new SlipstreamError('invalid_request', `${JSON.stringify(file.name.slice(0, 80))} has no ending of a file of prompts`, { param: 'prompts', remedy: `use one of ${Object.keys(readers).join(', ')}` });
  return { description: file.name, rows: () => read(file) };
}

/** The prompts in a file of this machine. Throws `invalid_request` where there is none that can be read. */
export async function filePrompts(path: string): Promise<PromptSource> {
  const source = storedPrompts({ name: basename(path), chunks: () => createReadStream(path), random: () => asyncBufferFromFile(path) });
  await access(path).catch((cause: unknown) => {
    throw new SlipstreamError('invalid_request', `there are no prompts at ${path}`, { param: 'prompts', remedy: 'name a file that exists and may be read', cause });
  });
  return source;
}
