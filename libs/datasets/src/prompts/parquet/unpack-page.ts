import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { CompressionCodec, Compressors } from 'hyparquet';
import { compressors, decompressZstd } from 'hyparquet-compressors';
import { claim } from './parquet-fault.js';

/** A page that unpacks to more is none: a few kilobytes can be made to fill the memory. */
export const mostPageBytes = 1 << 27;

/** None of them makes more bytes than it is told. */
const codecs: Compressors = {
  UNCOMPRESSED: (input) => input,
  SNAPPY: compressors.SNAPPY!,
  GZIP: (input, bytes) => gunzipSync(input, { maxOutputLength: bytes }),
  BROTLI: (input, bytes) => brotliDecompressSync(input, { maxOutputLength: bytes }),
  ZSTD: (input, bytes) => decompressZstd(input, new Uint8Array(bytes)),
  LZ4: compressors.LZ4!,
  LZ4_RAW: compressors.LZ4_RAW!,
};

/** What a page was packed from, of as many bytes as its header says. @throws ParquetFault, and what a codec throws */
export function unpackPage(codec: CompressionCodec, input: Uint8Array, bytes: number): Uint8Array {
  const unpack = codecs[codec];
  claim(unpack !== undefined, `it is packed with ${codec}, which is not read`);
  claim(bytes >= 0 && bytes <= mostPageBytes, `a page of it claims ${bytes} bytes; ${mostPageBytes} are read`);
  if (bytes === 0) return new Uint8Array(0);
  const page = new Uint8Array(unpack(input, bytes)); // in memory of its own: a length that lies must not lead a decoder into that of others
  claim(page.byteLength === bytes, `a page of it claims ${bytes} bytes and has ${page.byteLength}`);
  return page;
}
