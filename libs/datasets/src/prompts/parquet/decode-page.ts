import type { ColumnMetaData, DecodedArray, Encoding, PageHeader, SchemaElement } from 'hyparquet';
import { convert, DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { readDataPage, readDataPageV2 } from 'hyparquet/src/datapage.js';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { checkRuns, checkValues } from './check-page.js';
import type { Page } from './pages-of.js';
import { claim } from './parquet-fault.js';
import { unpackPage } from './unpack-page.js';

/** Values of one page: some writers put a whole row group of a million repeated values into one. */
const mostPageValues = 1 << 21;

type ColumnDecoder = Parameters<typeof readDataPage>[2];

/** A column without lists or structs, of texts or numbers. */
export interface FlatColumn {
  readonly element: SchemaElement;
  readonly meta: ColumnMetaData;
}

/** Makes the pages of one column chunk into its values, in their order, null where there is none. */
export class PageDecoder {
  readonly #column: FlatColumn;
  readonly #decoder: ColumnDecoder;
  #dictionary: DecodedArray | undefined;

  constructor(column: FlatColumn) {
    const { element, meta } = column;
    const schemaPath = [{ ...element, name: 'root' }, element].map((each) => ({ element: each, children: [], count: 1, path: [] }));
    this.#column = column;
    this.#decoder = { pathInSchema: [element.name], element, schemaPath, type: meta.type, codec: meta.codec, parsers: DEFAULT_PARSERS };
  }

  /** No values for a dictionary, which those of later pages are looked up in. `most`: so many are left. @throws ParquetFault, RangeError, and what a codec throws */
  decode({ header, bytes }: Page, most: number): ArrayLike<unknown> {
    switch (header.type) {
      case 'DICTIONARY_PAGE':
        this.#dictionary = this.#plain(header, bytes);
        return [];
      case 'DATA_PAGE':
        return this.#dataPage(header, bytes, most);
      case 'DATA_PAGE_V2':
        return this.#dataPageV2(header, bytes, most);
      default:
        claim(header.type === 'INDEX_PAGE', 'a page of it is of no kind that Parquet has');
        return [];
    }
  }

  #plain({ dictionary_page_header: dictionary, uncompressed_page_size: size }: PageHeader, bytes: Uint8Array): DecodedArray {
    const page = unpackPage(this.#decoder.codec, bytes, size);
    const count = dictionary?.num_values ?? 0;
    claim(count >= 0 && 4 * count <= page.byteLength, `its dictionary claims ${count} values in ${page.byteLength} bytes`);
    const { type, element } = this.#decoder;
    return convert(readPlain({ view: viewOf(page), offset: 0 }, type, count, element.type_length), this.#decoder);
  }

  #dataPage({ data_page_header: header, uncompressed_page_size: size }: PageHeader, bytes: Uint8Array, most: number): ArrayLike<unknown> {
    const count = checkedCount(header?.num_values, most);
    if (count === 0) return [];
    const page = unpackPage(this.#decoder.codec, bytes, size);
    const { nulls, end } = this.#optional ? levelsOf(page, count) : { nulls: 0, end: 0 };
    checkValues(page, end, { encoding: header!.encoding, count: count - nulls, wide: this.#wide });
    const { definitionLevels, dataPage } = readDataPage(page, header!, this.#decoder);
    return this.#values(dataPage, { encoding: header!.encoding, levels: definitionLevels, count });
  }

  #dataPageV2(header: PageHeader, bytes: Uint8Array, most: number): ArrayLike<unknown> {
    const { data_page_header_v2: v2, uncompressed_page_size: size } = header;
    const count = checkedCount(v2?.num_values, most);
    if (count === 0) return [];
    const { definition_levels_byte_length: levelBytes, repetition_levels_byte_length: repetitionBytes, num_nulls: nulls, encoding } = v2!;
    claim(repetitionBytes === 0 && levelBytes >= 0 && levelBytes <= bytes.byteLength, `a page of it claims ${levelBytes} bytes of levels`);
    claim(nulls >= 0 && nulls <= count, `a page of it claims ${nulls} nulls among ${count} values`);
    const packed = bytes.subarray(levelBytes);
    const body = v2!.is_compressed === false ? packed : unpackPage(this.#decoder.codec, packed, size - levelBytes);
    const page = new Uint8Array(Buffer.concat([bytes.subarray(0, levelBytes), body]));
    if (this.#optional) checkRuns(page, { at: 0, width: 1, count });
    checkValues(page, levelBytes, { encoding, count: count - nulls, wide: this.#wide });
    const plain = { ...header, uncompressed_page_size: page.byteLength, data_page_header_v2: { ...v2!, is_compressed: false } };
    const { definitionLevels, dataPage } = readDataPageV2(page, plain, this.#decoder);
    return this.#values(dataPage, { encoding, levels: definitionLevels, count });
  }

  #values(decoded: DecodedArray, { encoding, levels = [], count }: { encoding: Encoding; levels: number[] | undefined; count: number }): ArrayLike<unknown> {
    const values = encoding.endsWith('_DICTIONARY') ? this.#lookedUp(decoded) : convert(decoded, this.#decoder);
    const nulls = levels.filter((level) => level === 0).length;
    claim(values.length === count - nulls, `a page of it claims ${count} values and has ${values.length + nulls}`);
    if (nulls === 0) return values;
    let at = 0;
    return levels.map((level) => (level === 0 ? null : values[at++]));
  }

  #lookedUp(places: DecodedArray): unknown[] {
    const dictionary = this.#dictionary;
    claim(dictionary !== undefined, 'a page of it comes before its dictionary');
    return Array.from(places as ArrayLike<number>, (place) => {
      claim(place < dictionary.length, `a page of it names value ${place} of a dictionary of ${dictionary.length}`);
      return dictionary[place];
    });
  }

  get #optional(): boolean {
    return this.#column.element.repetition_type !== 'REQUIRED';
  }

  get #wide(): boolean {
    return this.#decoder.type !== 'INT32';
  }
}

function checkedCount(values: number | undefined, most: number): number {
  claim(values !== undefined && values >= 0 && values <= most, `a page of it claims ${values} values where ${most} are left`);
  claim(values <= mostPageValues, `a page of it claims ${values} values; ${mostPageValues} are read`);
  return values;
}

/** Of a page that begins with its levels: how many say null, and where they end. */
function levelsOf(page: Uint8Array, count: number): { nulls: number; end: number } {
  checkRuns(page, { at: 4, width: 1, count });
  const levels = new Uint8Array(count);
  const reader = { view: viewOf(page), offset: 0 };
  readRleBitPackedHybrid(reader, 1, levels);
  return { nulls: levels.filter((level) => level === 0).length, end: reader.offset };
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView => new DataView(buffer, byteOffset, byteLength);
