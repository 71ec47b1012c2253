import type { FeatureSpace, Gaussian } from '@slipstream/quality';

/** A picture as it left the engine. */
export interface ScoredPicture {
  /** (height, width, 4): RGBA with straight alpha. */
  readonly pixels: Uint8Array;
  readonly prompt: string;
}

/** What one scorer says of one picture. */
export interface Score {
  /** Name of the scorer. */
  readonly scorer: string;
  /** In points of 100; more is better. */
  readonly value: number;
  /** In the scorer's feature space, (channels). */
  readonly features: Float32Array;
}

/** A scorer that is loaded, and what its features are held against. */
export interface LoadedScorer {
  readonly name: string;
  readonly space: FeatureSpace;
  /** Of its reference pictures; without them nothing is compared. */
  readonly reference?: Gaussian;
}

/** How good pictures are. Without a scorer every answer is empty. */
export interface PictureScorer {
  /** In the order of the answers; score differences are judged by the first. */
  readonly scorers: readonly LoadedScorer[];
  /** A picture's scores, one a scorer. Rejects with SlipstreamError for a picture of another size or scores that are not finite. */
  score(picture: ScoredPicture): Promise<readonly Score[]>;
}

export const noScorer: PictureScorer = { scorers: [], score: async () => [] };
