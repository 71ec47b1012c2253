import type { Encoding } from 'hyparquet';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { readVarInt } from 'hyparquet/src/thrift.js';
import { claim } from './parquet-fault.js';
import { mostPageBytes } from './unpack-page.js';

/** A page's values as they lie in its unpacked bytes. */
export interface EncodedValues {
  readonly encoding: Encoding;
  /** Nulls are not among them. */
  readonly count: number;
  /** Of 64-bit whole numbers. */
  readonly wide: boolean;
}

/**
 * Refuses values that a decoder would make more of than there are: it writes a run as long as the run says, and a text as
 * long as the lengths before it say. `at` is where the values begin. @throws ParquetFault, RangeError where bytes end too early
 */
export function checkValues(page: Uint8Array, at: number, { encoding, count, wide }: EncodedValues): void {
  const reader = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: at };
  switch (encoding) {
    case 'PLAIN':
    case 'DELTA_LENGTH_BYTE_ARRAY':
    case 'BYTE_STREAM_SPLIT':
      return; // as many values as are asked for, each inside the page
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      return count === 0 || at + 1 === page.byteLength ? undefined : checkRuns(page, { at: at + 1, width: reader.view.getUint8(at), count }); // numbers of no bits need no runs
    case 'DELTA_BINARY_PACKED':
      return wide && count > 0 ? checkDeltas(reader) : undefined;
    case 'DELTA_BYTE_ARRAY':
      return checkPrefixes(reader, count);
    default:
      return claim(false, `it is encoded as ${encoding}, which is not read`);
  }
}

/** Runs of repeated or bit-packed numbers: no more values than `count`, but for the filling of the last eight. */
export function checkRuns(page: Uint8Array, { at, width, count }: { at: number; width: number; count: number }): void {
  claim(width <= 32, `a page of it has numbers of ${width} bits`);
  const reader = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: at };
  for (let seen = 0; seen < count; ) {
    const run = readVarInt(reader);
    const packed = (run & 1) === 1;
    const values = packed ? (run >>> 1) * 8 : run >>> 1;
    claim(values <= count - seen + (packed ? 7 : 0), `a page of it repeats more values than its ${count}`);
    reader.offset += packed ? (run >>> 1) * width : Math.ceil(width / 8);
    seen += values;
  }
}

/** The widths of all miniblocks of a block are read into one array. */
function checkDeltas(reader: { readonly view: DataView; offset: number }): void {
  readVarInt(reader); // values of a block
  const miniblocks = readVarInt(reader);
  claim(miniblocks > 0 && miniblocks <= reader.view.byteLength, `a page of it has blocks of ${miniblocks} parts`);
}

/** Each text is the beginning of the one before it and an end of its own. */
function checkPrefixes(reader: { readonly view: DataView; offset: number }, count: number): void {
  const [prefixes, suffixes] = [new Int32Array(count), new Int32Array(count)];
  for (const lengths of count > 0 ? [prefixes, suffixes] : []) deltaBinaryUnpack(reader, count, lengths);
  let [last, total] = [0, 0];
  for (let i = 0; i < count; i += 1) {
    const [prefix, suffix] = [prefixes[i]!, suffixes[i]!];
    claim(prefix >= 0 && prefix <= last && suffix >= 0, 'a page of it has a text that goes on from more than there is');
    last = prefix + suffix;
    total += last;
    claim(total <= mostPageBytes, `a page of it has texts of more than ${mostPageBytes} bytes`);
  }
}
