/** What a store says to whoever wants a frame: the frame; or `yours`, make it; or `awaited`, somebody is making it. */
export type Claim = Uint8Array | 'yours' | 'awaited';

/**
 * Where frames are kept outside a process, by their keys of 64 hex digits. It may lose any frame at any time. Every method
 * settles within the store's own time limit and rejects when the store does not answer; none blocks anything else.
 */
export interface FrameStore {
  /** Name of the tier in metrics and logs. */
  readonly tier: string;
  /**
   * The frame, or who makes it. Of those who ask while there is none, one is told `yours`; the others are told so as well
   * once that one has called `release`, or has been silent for `leaseMs`. A store that cannot tell them apart says `yours`.
   */
  claim(key: string, options: { leaseMs: number }): Promise<Claim>;
  /** Keeps the frame, which ends every claim. The last writer wins; both wrote the same. */
  put(key: string, frame: Uint8Array): Promise<void>;
  /** Ends this process's own claim without a frame. */
  release(key: string): Promise<void>;
  close(): Promise<void>;
}
