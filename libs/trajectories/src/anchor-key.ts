import { createHash, type Hash } from 'node:crypto';

/** What decides the features of one branch of a full step, bit for bit. */
export interface AnchorOf {
  /** Digest of the bundle. */
  readonly bundle: string;
  /** How they are computed and kept: element type, execution provider, machine. Equal texts, equal bits. */
  readonly precision: string;
}

/** Names anchors by the SHA-256 of all that decides them, so a hit is right by construction. */
export class AnchorKeys {
  private readonly start: Hash;

  constructor({ bundle, precision }: AnchorOf) {
    this.start = createHash('sha256').update(JSON.stringify(['slipstream anchor', 1, bundle, precision]));
  }

  /** 64 hex digits for the ids of a branch's prompt and the tokens of the picture. */
  of(prompt: Int32Array, tokens: Int32Array): string {
    return this.start.copy().update(`|${prompt.join()}|${tokens.join()}`).digest('hex');
  }
}
