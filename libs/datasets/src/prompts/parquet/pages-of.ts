import type { AsyncBuffer, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { claim } from './parquet-fault.js';
import { structEnd } from './thrift-struct.js';
import { mostPageBytes } from './unpack-page.js';

/** A page as it lies in the file. */
export interface Page {
  readonly header: PageHeader;
  /** Packed. */
  readonly bytes: Uint8Array;
}

/** A header holds the least and the greatest value of its page, which may be long texts. */
const mostHeaderBytes = 1 << 20;
const mostHeaderParts = 1_000;
/** Read at once, so that a page is a question or two to its store. */
const readAhead = 1 << 20;

/** The pages of a column from one byte of a file to another, one in memory at a time. @throws ParquetFault */
export async function* pagesOf(file: AsyncBuffer, range: { readonly from: number; readonly end: number }): AsyncGenerator<Page> {
  const rest = new Rest(file, range);
  while (rest.length > 0) {
    const header = await nextHeader(rest);
    const { compressed_page_size: size } = header;
    claim(Number.isInteger(size) && size >= 0 && size <= rest.length, `a page of it claims ${size} bytes where ${rest.length} are left`);
    claim(size <= mostPageBytes, `a page of it has ${size} bytes; ${mostPageBytes} are read`);
    await rest.hold(size);
    yield { header, bytes: rest.take(size) };
  }
}

async function nextHeader(rest: Rest): Promise<PageHeader> {
  for (let bytes = 4_096; ; bytes *= 4) {
    await rest.hold(bytes);
    const end = structEnd(rest.held, { mostParts: mostHeaderParts });
    if (end !== undefined) {
      const { buffer, byteOffset } = rest.take(end);
      return parquetHeader({ view: new DataView(buffer, byteOffset, end), offset: 0 });
    }
    claim(rest.held.byteLength < rest.length, 'a page header of it is cut short');
    claim(bytes < mostHeaderBytes, `a page header of it is longer than ${mostHeaderBytes} bytes`);
  }
}

/** What of a range is not read yet. */
class Rest {
  /** In memory, the next first. */
  held: Uint8Array<ArrayBufferLike> = new Uint8Array(0);
  readonly #file: AsyncBuffer;
  readonly #end: number;
  #at: number;

  constructor(file: AsyncBuffer, { from, end }: { readonly from: number; readonly end: number }) {
    [this.#file, this.#at, this.#end] = [file, from, end];
  }

  get length(): number {
    return this.held.byteLength + this.#end - this.#at;
  }

  /** Has so many bytes in memory, or all that are left. */
  async hold(bytes: number): Promise<void> {
    const missing = Math.min(bytes - this.held.byteLength, this.#end - this.#at);
    if (missing <= 0) return;
    const until = Math.min(this.#end, this.#at + Math.max(missing, readAhead));
    const more = new Uint8Array(await this.#file.slice(this.#at, until));
    claim(more.byteLength === until - this.#at, 'it is cut short');
    this.held = Buffer.concat([this.held, more]);
    this.#at = until;
  }

  take(bytes: number): Uint8Array {
    const taken = this.held.subarray(0, bytes);
    this.held = this.held.subarray(bytes);
    return taken;
  }
}
