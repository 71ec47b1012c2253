import type { AsyncBuffer, RowGroup, SchemaElement } from 'hyparquet';
import { SlipstreamError } from '@slipstream/contracts';
import { PageDecoder, type FlatColumn } from './decode-page.js';
import { flatColumn } from './flat-column.js';
import { pagesOf } from './pages-of.js';
import { claim, ParquetFault } from './parquet-fault.js';

/** The values of one column of a row group, one after the other; a page of them in memory. */
export class ColumnReader {
  readonly #pages: AsyncGenerator<ArrayLike<unknown>>;
  readonly #name: string;
  #values: ArrayLike<unknown> = [];
  #at = 0;

  constructor(file: AsyncBuffer, element: SchemaElement, group: RowGroup) {
    this.#name = element.name;
    this.#pages = valuesOf(file, () => flatColumn(element, group));
  }

  /** `next` would have to wait for `read`. */
  get empty(): boolean {
    return this.#at === this.#values.length;
  }

  next(): unknown {
    return this.#values[this.#at++];
  }

  /** Reads the next page; false where there is none. @throws ParquetFault that names the column */
  async read(): Promise<boolean> {
    try {
      const { value, done } = await this.#pages.next();
      if (done) return false;
      [this.#values, this.#at] = [value, 0];
      return true;
    } catch (cause) {
      if (cause instanceof SlipstreamError) throw cause; // of the store
      throw new ParquetFault(`its column ${JSON.stringify(this.#name)} cannot be decoded: ${cause instanceof ParquetFault ? cause.message : 'a page of it is damaged'}`, { cause });
    }
  }
}

/** Page by page, none of them empty. */
async function* valuesOf(file: AsyncBuffer, column: () => FlatColumn): AsyncGenerator<ArrayLike<unknown>> {
  const flat = column();
  const { meta } = flat;
  const from = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const end = from + Number(meta.total_compressed_size);
  claim(from >= 0 && from <= end && end <= file.byteLength, `it claims bytes ${from} to ${end} of the ${file.byteLength} of the file`);
  const decoder = new PageDecoder(flat);
  let left = Number(meta.num_values);
  for await (const page of pagesOf(file, { from, end })) {
    const values = decoder.decode(page, left);
    left -= values.length;
    if (values.length > 0) yield values;
  }
  claim(left === 0, `it ends ${left} values before its row group does`);
}
