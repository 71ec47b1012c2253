import { parquetMetadataAsync, parquetReadObjects, parquetSchema, type AsyncBuffer, type Compressors, type FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { SlipstreamError } from '@slipstream/contracts';
import { promptRow, type PromptRow } from './prompt-row.js';

/** Rows in memory at a time: row groups of a million are common. */
const rowsAtOnce = 16_384;
/** A page that unpacks to more is none: a few kilobytes can be made to fill the memory. */
const mostPageBytes = 1 << 28;

const unpack: Compressors = Object.fromEntries(Object.entries(compressors).map(([codec, unpacked]) => [codec, (input: Uint8Array, bytes: number) => {
  if (bytes > mostPageBytes) throw new Error(`a page of ${bytes} bytes`);
  return unpacked(input, bytes);
}]));

/** A column `prompt` and perhaps `seed`; of its rows, whatever the size of row groups, some thousands in memory at a time. Throws `invalid_request` for anything else. */
export async function* readParquet(file: AsyncBuffer, name: string): AsyncGenerator<PromptRow> {
  const metadata = await parquetMetadataAsync(file).catch((cause: unknown) => {
    throw unreadable(name, 'it is no Parquet file, or is cut short', cause);
  });
  const columns = wantedColumns(metadata, name);
  for (const { rowStart, rowEnd } of pieces(metadata)) {
    const records = await parquetReadObjects({ file, metadata, columns, rowStart, rowEnd, compressors: unpack }).catch((cause: unknown) => {
      throw unreadable(name, `its rows ${rowStart + 1} to ${rowEnd} cannot be decoded`, cause);
    });
    for (const [i, record] of records.entries()) yield promptRow(rowStart + i + 1, record as { prompt: unknown; seed?: unknown });
  }
}

/** All rows, in pieces of one row group each. */
function* pieces({ row_groups: groups }: FileMetaData): Generator<{ rowStart: number; rowEnd: number }> {
  let groupStart = 0;
  for (const { num_rows: rows } of groups) {
    const groupEnd = groupStart + Number(rows);
    for (let rowStart = groupStart; rowStart < groupEnd; rowStart += rowsAtOnce) yield { rowStart, rowEnd: Math.min(groupEnd, rowStart + rowsAtOnce) };
    groupStart = groupEnd;
  }
}

function wantedColumns(metadata: FileMetaData, name: string): string[] {
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  if (columns.includes('prompt')) return ['prompt', 'seed'].filter((column) => columns.includes(column));
  throw unreadable(name, `it has no column "prompt" but ${columns.slice(0, 20).map((column) => JSON.stringify(column.slice(0, 40))).join(', ')}`);
}

const unreadable = (name: string, reason: string, cause?: unknown): SlipstreamError =>
  new SlipstreamError('invalid_request', `prompts in ${name} cannot be read as Parquet: ${reason}`, { param: 'prompts', remedy: 'give a Parquet file with a text column "prompt"', cause });
