import type { AsyncBuffer, RowGroup, SchemaElement } from 'hyparquet';
import { SlipstreamError } from '@slipstream/contracts';
import { ColumnReader } from './parquet/column-reader.js';
import { topColumns } from './parquet/flat-column.js';
import { ParquetFault } from './parquet/parquet-fault.js';
import { readFooter } from './parquet/read-footer.js';
import { promptRow, type PromptRow } from './prompt-row.js';

/**
 * A column `prompt` and perhaps `seed`, whatever the size of row groups: a page of each is in memory. What the file says of
 * its own sizes is held against its bytes before anything is made of it. Throws `invalid_request` for anything else.
 */
export async function* readParquet(file: AsyncBuffer, name: string): AsyncGenerator<PromptRow> {
  let row = 0;
  try {
    const metadata = await readFooter(file);
    const columns = topColumns(metadata);
    const prompt = columns.get('prompt');
    if (!prompt) throw new ParquetFault(`it has no column "prompt" but ${[...columns.keys()].slice(0, 20).map((column) => JSON.stringify(column.slice(0, 40))).join(', ')}`);
    for (const group of metadata.row_groups) for await (const values of rowsOf(file, { group, prompt, seed: columns.get('seed') })) yield promptRow((row += 1), values);
  } catch (cause) {
    if (cause instanceof SlipstreamError) throw cause;
    throw unreadable(name, cause instanceof ParquetFault ? `${cause.message}${row > 0 ? `, after row ${row}` : ''}` : 'it is damaged', cause);
  }
}

async function* rowsOf(file: AsyncBuffer, { group, prompt, seed }: { group: RowGroup; prompt: SchemaElement; seed: SchemaElement | undefined }): AsyncGenerator<{ prompt: unknown; seed?: unknown }> {
  const prompts = new ColumnReader(file, prompt, group);
  const seeds = seed && new ColumnReader(file, seed, group);
  for (;;) {
    if (prompts.empty && !(await prompts.read())) break;
    if (seeds?.empty && !(await seeds.read())) break;
    yield { prompt: prompts.next(), ...(seeds && { seed: seeds.next() }) };
  }
  await seeds?.read(); // it, too, has to end well
}

const unreadable = (name: string, reason: string, cause?: unknown): SlipstreamError =>
  new SlipstreamError('invalid_request', `prompts in ${name} cannot be read as Parquet: ${reason}`, { param: 'prompts', remedy: 'write the file anew, with a text column "prompt" and pages of about a megabyte as usual', cause });
