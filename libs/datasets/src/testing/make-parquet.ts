/** A value of Thrift's compact protocol; whole numbers are of 32 bits, bigints of 64. Fields of a struct by their number. */
export type Thrift = number | bigint | string | Uint8Array | readonly Thrift[] | { readonly [field: number]: Thrift | undefined };

/** A page of one column, told to be whatever its header says. */
export interface PageOfTest {
  readonly header: Thrift;
  readonly body: Uint8Array;
}

export interface ParquetOfTest {
  readonly pages: readonly PageOfTest[];
  /** Index into Parquet's codecs: 0 none, 2 gzip, 6 zstd. */
  readonly codec?: number;
  readonly optional?: boolean;
  /** By the footer; each 2 unless told otherwise. */
  readonly rows?: { readonly file?: number; readonly group?: number; readonly column?: number };
  /** Bytes that the footer says the column has, from the fourth on; as many as it has unless told otherwise. */
  readonly columnBytes?: number;
}

/** A file of one text column `prompt`, in which every number can be a lie. */
export function makeParquet({ pages, codec = 0, optional = false, rows = {}, columnBytes }: ParquetOfTest): Uint8Array {
  const { file = 2 } = rows;
  const { group = file } = rows;
  const { column = group } = rows;
  const chunk = Buffer.concat(pages.flatMap(({ header, body }) => [thrift(header), body]));
  const size = BigInt(columnBytes ?? chunk.byteLength);
  const meta = { 1: 6, 2: [0], 3: ['prompt'], 4: codec, 5: BigInt(column), 6: size, 7: size, 9: 4n };
  const footer = { 1: 1, 2: [{ 4: 'schema', 5: 1 }, { 1: 6, 3: optional ? 1 : 0, 4: 'prompt', 6: 0 }], 3: BigInt(file), 4: [{ 1: [{ 2: 4n, 3: meta }], 2: size, 3: BigInt(group) }] };
  return withFooter(thrift(footer), chunk);
}

/** A file whose footer is these bytes. */
export function withFooter(footer: Uint8Array, chunk: Uint8Array = new Uint8Array(0), footerBytes = footer.byteLength): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footerBytes);
  return new Uint8Array(Buffer.concat([Buffer.from('PAR1'), chunk, footer, length, Buffer.from('PAR1')]));
}

/** A data page of the first kind. Encodings: 0 plain, 7 prefixes, 8 by a dictionary. */
export function dataPage(body: Uint8Array, { values = 2, encoding = 0, bytes = body.byteLength, packed = body }: { values?: number; encoding?: number; bytes?: number; packed?: Uint8Array } = {}): PageOfTest {
  return { header: { 1: 0, 2: bytes, 3: packed.byteLength, 5: { 1: values, 2: encoding, 3: 3, 4: 3 } }, body: packed };
}

export function dictionaryPage(texts: readonly string[], values = texts.length): PageOfTest {
  const body = plainTexts(texts);
  return { header: { 1: 2, 2: body.byteLength, 3: body.byteLength, 7: { 1: values, 2: 0 } }, body };
}

export function plainTexts(texts: readonly string[]): Buffer {
  return Buffer.concat(texts.flatMap((text) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(Buffer.byteLength(text));
    return [length, Buffer.from(text)];
  }));
}

/** Levels as a page of the first kind begins with them: so many of one level. */
export function levels(level: 0 | 1, count: number): Buffer {
  const run = Buffer.concat([varint(BigInt(count) * 2n), Buffer.from([level])]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(run.byteLength);
  return Buffer.concat([length, run]);
}

export function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

export const zigzag = (value: bigint): Buffer => varint(value >= 0n ? value * 2n : -value * 2n - 1n);

export function thrift(value: Thrift): Buffer {
  if (typeof value === 'number' || typeof value === 'bigint') return zigzag(BigInt(value));
  if (typeof value === 'string') return thrift(Buffer.from(value));
  if (value instanceof Uint8Array) return Buffer.concat([varint(BigInt(value.byteLength)), value]);
  if (isList(value)) return Buffer.concat([Buffer.from([0xf0 | typeOf(value[0]!)]), varint(BigInt(value.length)), ...value.map(thrift)]);
  let last = 0;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined).map(([id, field]) => {
    const delta = Number(id) - last;
    last = Number(id);
    return Buffer.concat([Buffer.from([(delta << 4) | typeOf(field!)]), thrift(field!)]);
  });
  return Buffer.concat([...fields, Buffer.from([0])]);
}

function typeOf(value: Thrift): number {
  if (typeof value === 'number') return 5;
  if (typeof value === 'bigint') return 6;
  if (typeof value === 'string' || value instanceof Uint8Array) return 8;
  return isList(value) ? 9 : 12;
}

const isList = (value: Thrift): value is readonly Thrift[] => Array.isArray(value);
