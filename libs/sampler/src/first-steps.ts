import type { Features } from './model-runner.js';

/** Where a first step's features can be found again: they depend on the bundle and the prompt alone, for all tokens are masked. */
export interface FirstSteps {
  /** Features of one branch, (positions, channels), or undefined. The caller only reads them. */
  get(prompt: Int32Array): Features | undefined;
  /** `features` is the memory's from now on. */
  set(prompt: Int32Array, features: Features): void;
}

/** Forgets everything: every first step is computed. */
export const noFirstSteps: FirstSteps = { get: () => undefined, set: () => undefined };

/** Keeps the branches used last, up to a size in bytes. Default 64 MiB. One engine, one bundle, one memory. */
export class RecentFirstSteps implements FirstSteps {
  /** In the order of their last use: a Map keeps insertion order. */
  private readonly branches = new Map<string, Features>();
  private sizeBytes = 0;

  constructor(private readonly limitBytes = 64 * 2 ** 20) {}

  get(prompt: Int32Array): Features | undefined {
    const key = prompt.join();
    const features = this.branches.get(key);
    if (features === undefined) return undefined;
    this.branches.delete(key);
    this.branches.set(key, features);
    return features;
  }

  set(prompt: Int32Array, features: Features): void {
    const key = prompt.join();
    this.sizeBytes += features.byteLength - (this.branches.get(key)?.byteLength ?? 0);
    this.branches.delete(key);
    this.branches.set(key, features);
    for (const [oldest, { byteLength }] of this.branches) {
      if (this.sizeBytes <= this.limitBytes) return;
      this.branches.delete(oldest);
      this.sizeBytes -= byteLength;
    }
  }
}
