import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { parquetWriteBuffer, type BasicType } from 'hyparquet-writer';
import { z } from 'zod';

const nothing = z.null();
const count = z.int().nonnegative().or(nothing);
const text = z.string().or(nothing);

/** One sample in its shard's table, whatever became of it; null where it has no such thing. */
export const tableRow = z.strictObject({
  key: z.string(),
  status: z.enum(['success', 'failed', 'dropped']),
  /** Why it is not in the tar: a short word, and a sentence. */
  reason: text,
  error_message: text,
  /** The sample that was kept instead. */
  duplicate_of: text,
  prompt: text,
  /** The prompt's row in its source, from 1. */
  source_row: z.int().positive(),
  /** Which of its prompt's pictures, from 0. */
  picture: z.int().nonnegative(),
  seed: z.int().nonnegative(),
  /** Its member of the tar. */
  file: text,
  bytes: count,
  /** Of its file, hex. */
  sha256: text,
  width: count,
  height: count,
  pixels_sha256: text,
  difference_hash: text,
  score: z.number().or(nothing),
  full_steps: count,
  shortcut_steps: count,
  partial_steps: count,
});
export type TableRow = z.infer<typeof tableRow>;

const types: Readonly<Record<keyof TableRow, BasicType>> = {
  key: 'STRING', status: 'STRING', reason: 'STRING', error_message: 'STRING', duplicate_of: 'STRING', prompt: 'STRING',
  source_row: 'INT64', picture: 'INT32', seed: 'INT64', file: 'STRING', bytes: 'INT32', sha256: 'STRING', width: 'INT32', height: 'INT32',
  pixels_sha256: 'STRING', difference_hash: 'STRING', score: 'DOUBLE', full_steps: 'INT32', shortcut_steps: 'INT32', partial_steps: 'INT32',
};
const columns = Object.keys(types) as (keyof TableRow)[];

/** Rows as Parquet, in their order. */
export function writeTable(rows: readonly TableRow[]): Uint8Array {
  const valueOf = (row: TableRow, name: keyof TableRow) => (types[name] === 'INT64' ? BigInt(row[name]!) : row[name]);
  const columnData = columns.map((name) => ({ name, type: types[name], data: rows.map((row) => valueOf(row, name)) }));
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy: 'slipstream' }));
}

/** The rows of a table, or some of their columns. Throws what the reader throws for bytes that are no such table. */
export async function readTable<K extends keyof TableRow = keyof TableRow>(bytes: Uint8Array, wanted: readonly K[] = columns as K[]): Promise<Pick<TableRow, K>[]> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const rows = await parquetReadObjects({ file, columns: [...wanted], compressors });
  const plain = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : (value ?? null));
  return rows.map((row) => Object.fromEntries(wanted.map((name) => [name, plain(row[name])])) as Pick<TableRow, K>);
}
