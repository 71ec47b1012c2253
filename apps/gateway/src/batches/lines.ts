/** A line of a file, and where the next one begins. */
export interface Line {
  /** From 1; blank lines are counted, and left out. */
  readonly number: number;
  /** Bytes of the file up to and with this line. */
  readonly end: number;
  /** undefined for one that is too long or not UTF-8. */
  readonly text: string | undefined;
}

const newline = 10;

/** The lines of a file's bytes; of one that is longer than `mostBytes` no more than that is kept in memory. `from` is where the slices begin. */
export async function* linesOf(slices: AsyncIterable<Uint8Array>, { from, mostBytes }: { from: { lines: number; bytes: number }; mostBytes: number }): AsyncGenerator<Line> {
  let { lines: number, bytes: end } = from;
  let begun: Uint8Array[] = [];
  let size = 0;
  const add = (piece: Uint8Array): void => {
    size += piece.byteLength;
    end += piece.byteLength;
    if (size <= mostBytes) begun.push(piece);
  };
  const finish = (): Line => {
    number += 1;
    const line = { number, end, text: size > mostBytes ? undefined : textOf(begun) };
    [begun, size] = [[], 0];
    return line;
  };
  for await (const slice of slices) {
    let at = 0;
    for (let next; (next = slice.indexOf(newline, at)) >= 0; at = next + 1) {
      add(slice.subarray(at, next + 1));
      const line = finish();
      if (line.text?.trim() !== '') yield line;
    }
    add(slice.subarray(at));
  }
  const last = size > 0 ? finish() : undefined;
  if (last && last.text?.trim() !== '') yield last;
}

function textOf(pieces: readonly Uint8Array[]): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces));
  } catch {
    return undefined;
  }
}
