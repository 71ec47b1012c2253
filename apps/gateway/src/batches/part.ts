import type { Answer } from './line-answers.js';
import type { Line } from './lines.js';

/** Answers to lines that lie one after the other, until they are kept together. */
export class Part {
  readonly output: string[] = [];
  readonly error: string[] = [];
  readonly tokens = { input: 0, output: 0 };
  size = 0;
  lines: number;
  bytes: number;

  /** `from`: the lines and bytes of the input file that were done before. */
  constructor(readonly from: { readonly lines: number; readonly bytes: number }) {
    ({ lines: this.lines, bytes: this.bytes } = from);
  }

  add({ number, end }: Line, { kind, text, tokens }: Answer): void {
    this[kind].push(text);
    this.size += text.length;
    [this.lines, this.bytes] = [number, end];
    this.tokens.input += tokens.input;
    this.tokens.output += tokens.output;
  }
}
