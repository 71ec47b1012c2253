import { parquetMetadataAsync, parquetReadObjects, parquetSchema, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { SlipstreamError } from '@slipstream/contracts';
import { promptRow, type PromptRow } from './prompt-row.js';

/** A column `prompt` and perhaps `seed`, one row group in memory at a time. Throws `invalid_request` for anything else. */
export async function* readParquet(file: AsyncBuffer, name: string): AsyncGenerator<PromptRow> {
  const metadata = await parquetMetadataAsync(file).catch((cause: unknown) => {
    throw unreadable(name, 'it is no Parquet file, or is cut short', cause);
  });
  const columns = wantedColumns(metadata, name);
  let rowStart = 0;
  for (const { num_rows: rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(rows);
    const group = await parquetReadObjects({ file, metadata, columns, rowStart, rowEnd, compressors }).catch((cause: unknown) => {
      throw unreadable(name, `its rows ${rowStart + 1} to ${rowEnd} cannot be decoded`, cause);
    });
    for (const [i, record] of group.entries()) yield promptRow(rowStart + i + 1, record as { prompt: unknown; seed?: unknown });
    rowStart = rowEnd;
  }
}

function wantedColumns(metadata: FileMetaData, name: string): string[] {
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  if (columns.includes('prompt')) return ['prompt', 'seed'].filter((column) => columns.includes(column));
  throw unreadable(name, `it has no column "prompt" but ${columns.slice(0, 20).map((column) => JSON.stringify(column.slice(0, 40))).join(', ')}`);
}

const unreadable = (name: string, reason: string, cause?: unknown): SlipstreamError =>
  new SlipstreamError('invalid_request', `prompts in ${name} cannot be read as Parquet: ${reason}`, { param: 'prompts', remedy: 'give a Parquet file with a text column "prompt"', cause });
