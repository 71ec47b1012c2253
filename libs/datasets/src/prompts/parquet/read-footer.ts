import { parquetMetadata, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { claim } from './parquet-fault.js';
import { structEnd } from './thrift-struct.js';

/** A footer says some hundred bytes of each column of each row group. */
const mostFooterBytes = 1 << 23;
const mostFooterParts = 1 << 20;

/** What a file says of itself at its end. @throws ParquetFault */
export async function readFooter(file: AsyncBuffer): Promise<FileMetaData> {
  claim(file.byteLength >= 12, 'it is no Parquet file');
  const tail = new DataView(await file.slice(file.byteLength - 8, file.byteLength));
  claim(tail.byteLength === 8 && tail.getUint32(4, true) === 0x31524150, 'it is no Parquet file, or is cut short');
  const bytes = tail.getUint32(0, true);
  claim(bytes <= file.byteLength - 12, `its footer claims ${bytes} bytes of the ${file.byteLength} that it has`);
  claim(bytes <= mostFooterBytes, `its footer has ${bytes} bytes; ${mostFooterBytes} are read`);
  const footer = await file.slice(file.byteLength - 8 - bytes, file.byteLength);
  claim(structEnd(new Uint8Array(footer, 0, bytes), { mostParts: mostFooterParts }) !== undefined, 'its footer is cut short');
  const metadata = parquetMetadata(footer, { geoparquet: false });
  const rows = metadata.row_groups.map(({ num_rows: each }) => each);
  claim(rows.every((each) => each >= 0n) && metadata.num_rows === rows.reduce((sum, each) => sum + each, 0n), `its row groups have other rows than its ${metadata.num_rows}`);
  return metadata;
}
