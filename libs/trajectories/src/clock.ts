/** Time, which this room only knows by hearsay. */
export interface Clock {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  pause(ms: number): Promise<void>;
}
