import { Readable } from 'node:stream';
import { parse, CsvError } from 'csv-parse';
import { SlipstreamError } from '@slipstream/contracts';
import { promptRow, type PromptRow } from './prompt-row.js';

/**
 * RFC 4180 with a header that has a column `prompt` and perhaps `seed`; records count from 1 after it.
 * Throws `invalid_request` for a file without such a header, or whose quotes cannot be read: then the rest is anybody's guess.
 */
export async function* readCsv(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<PromptRow> {
  const parser = parse({ bom: true, relax_column_count: true, skip_empty_lines: true, max_record_size: 1 << 20 });
  const records = Readable.from(chunks).on('error', (error) => parser.destroy(error)).pipe(parser) as AsyncIterable<string[]>;
  let header: string[] | undefined;
  let row = 0;
  try {
    for await (const record of records) {
      if (header === undefined) header = checkedHeader(record, name);
      else yield rowOf((row += 1), record, header);
    }
  } catch (error) {
    if (error instanceof CsvError) throw unreadable(name, error.message, error);
    throw error;
  }
  if (header === undefined) throw unreadable(name, 'it is empty');
}

function checkedHeader(record: string[], name: string): string[] {
  const header = record.map((column) => column.trim());
  if (header.includes('prompt')) return header;
  throw unreadable(name, `its first line has no column "prompt" but ${header.map((column) => JSON.stringify(column.slice(0, 40))).join(', ')}`);
}

function rowOf(row: number, record: string[], header: string[]): PromptRow {
  if (record.length !== header.length) return { row, fault: `row ${row}: it has ${record.length} columns, the header ${header.length}` };
  const [prompt, seed] = ['prompt', 'seed'].map((column) => record[header.indexOf(column)]);
  return promptRow(row, { prompt, seed });
}

const unreadable = (name: string, reason: string, cause?: unknown): SlipstreamError =>
  new SlipstreamError('invalid_request', `prompts in ${name} cannot be read as CSV: ${reason}`, { param: 'prompts', remedy: 'write a header line with a column "prompt", and quote fields as RFC 4180 does', cause });
