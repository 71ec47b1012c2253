import type { FileMetaData, RowGroup, SchemaElement } from 'hyparquet';
import type { FlatColumn } from './decode-page.js';
import { claim } from './parquet-fault.js';

/** The columns of a file by name, those that hold others included. */
export function topColumns({ schema }: FileMetaData): Map<string, SchemaElement> {
  const columns = new Map<string, SchemaElement>();
  for (let at = 1; at < schema.length; at = behind(schema, at)) columns.set(schema[at]!.name, schema[at]!);
  return columns;
}

/** Where the element after one and all that it holds is. */
function behind(schema: readonly SchemaElement[], at: number): number {
  let open = 1;
  for (; open > 0 && at < schema.length; at += 1) open += (schema[at]!.num_children ?? 0) - 1;
  return at;
}

/** A column of a row group, where it is of texts or numbers. @throws ParquetFault */
export function flatColumn(element: SchemaElement, group: RowGroup): FlatColumn {
  const meta = group.columns.find(({ meta_data: data }) => data?.path_in_schema.length === 1 && data.path_in_schema[0] === element.name)?.meta_data;
  claim(isPlain(element) && meta !== undefined && meta.type === element.type, 'it holds neither texts nor numbers');
  claim(meta.num_values === group.num_rows, `it claims ${meta.num_values} values for ${group.num_rows} rows`);
  return { element, meta };
}

function isPlain({ type, repetition_type: repetition, converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  if (repetition === 'REPEATED') return false;
  switch (type) {
    case 'BYTE_ARRAY': return (converted === undefined || converted === 'UTF8' || converted === 'ENUM') && (logical === undefined || logical.type === 'STRING' || logical.type === 'ENUM');
    case 'INT32':
    case 'INT64': return (converted === undefined || /^U?INT_/.test(converted)) && (logical === undefined || logical.type === 'INTEGER');
    case 'FLOAT':
    case 'DOUBLE': return true;
    default: return false;
  }
}
