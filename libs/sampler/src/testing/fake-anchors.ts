import type { Anchors } from '../anchors.js';
import type { Features } from '../model-runner.js';

export interface FakeAnchorsOptions {
  readonly scope?: Anchors['scope'];
  /** Of the memory at hand; default as many as come. */
  readonly limitBytes?: number;
  /** Looks elsewhere; by default there is nowhere else. */
  readonly fetch?: Anchors['fetch'];
}

/** Anchors in a map that is emptied when it is full. For specs. */
export class FakeAnchors implements Anchors {
  readonly scope: Anchors['scope'];
  readonly kept = new Map<string, Features>();
  /** All that was ever set. */
  readonly computed = new Map<string, Features>();
  readonly forgone: string[] = [];
  private readonly limitBytes: number;
  private readonly elsewhere: Anchors['fetch'];

  constructor({ scope = 'all', limitBytes = Infinity, fetch = () => false }: FakeAnchorsOptions = {}) {
    [this.scope, this.limitBytes, this.elsewhere] = [scope, limitBytes, fetch];
  }

  nameOf(prompt: Int32Array, tokens: Int32Array): string {
    return `${prompt.join()} ${tokens.join()}`;
  }

  get(name: string): Features | undefined {
    return this.kept.get(name);
  }

  fetch(name: string, answer: (features: Features | undefined) => void): boolean {
    return this.elsewhere(name, answer);
  }

  set(name: string, features: Features): void {
    this.computed.set(name, features);
    const keptBytes = this.kept.size * features.byteLength;
    if (keptBytes + features.byteLength > this.limitBytes) this.kept.clear();
    if (features.byteLength <= this.limitBytes) this.kept.set(name, features);
  }

  forgo(name: string): void {
    this.forgone.push(name);
  }
}
