import { promptRow, type PromptRow } from './prompt-row.js';

/** A longer line is none: a file without line breaks must not fill the memory. */
const longestLine = 1 << 20;

/** Each line a JSON text, or an object with `prompt` and perhaps `seed`; other members are left alone, blank lines skipped. */
export async function* readJsonl(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<PromptRow> {
  let row = 0;
  for await (const line of linesOf(chunks)) {
    row += 1;
    if (line === undefined) yield { row, fault: `row ${row}: the line is longer than ${longestLine} bytes` };
    else if (line.trim() !== '') yield parsed(row, line);
  }
}

function parsed(row: number, line: string): PromptRow {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'string') return promptRow(row, { prompt: value });
    if (typeof value === 'object' && value !== null && 'prompt' in value) return promptRow(row, value);
    return { row, fault: `row ${row}: it must be a text or an object with a "prompt"` };
  } catch {
    return { row, fault: `row ${row}: it is not JSON` };
  }
}

/** Lines of UTF-8, without their ends; undefined for one that is too long. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string | undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let tooLong = false;
  let first = true;
  const line = (bytes: Buffer): string | undefined => {
    const text = tooLong ? undefined : bytes.toString('utf8').replace(first ? /^\ufeff/ : '', '');
    [tooLong, first] = [false, false];
    return text;
  };
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
      tooLong ||= end - start > longestLine;
      yield line(rest.subarray(start, end));
      start = end + 1;
    }
    rest = rest.subarray(start);
    if (rest.length > longestLine) [tooLong, rest] = [true, Buffer.alloc(0)];
  }
  if (rest.length > 0 || tooLong) yield line(rest);
}
