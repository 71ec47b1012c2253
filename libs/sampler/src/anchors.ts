import type { Features } from './model-runner.js';

/**
 * Where the output of full steps is found again, one guidance branch at a time. The features of a branch are a pure function
 * of bundle, prompt and tokens, so whoever has the name has the features. All calls return at once.
 */
export interface Anchors {
  /** Whether every full step is worth looking up, or only first ones, which all pictures of a prompt share. */
  readonly scope: 'first' | 'all';
  /** The name of the branch with this prompt, (promptLength), of a full step on these tokens, (imageTokens). */
  nameOf(prompt: Int32Array, tokens: Int32Array): string;
  /** Features of one branch, (positions, channels), if they are at hand. The caller only reads them. */
  get(name: string): Features | undefined;
  /**
   * Looks where it takes time. False when there is no such place; else `answer` is called once, at once or later: with the features,
   * or with undefined, and then the caller computes them and calls `set`, or `forgo`.
   */
  fetch(name: string, answer: (features: Features | undefined) => void): boolean;
  /** `features` were computed, and are the memory's from now on: nobody writes to them. */
  set(name: string, features: Features): void;
  /** What was to be computed will not be: nobody here wants it any more. */
  forgo(name: string): void;
}
