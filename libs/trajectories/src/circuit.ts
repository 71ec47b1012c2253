import type { Clock } from './clock.js';

/** Keeps callers from something that fails: after a failure nobody tries for a while, then one does, then all. */
export class Circuit {
  private openUntilMs = -Infinity;
  private state: 'closed' | 'open' | 'trying' = 'closed';

  /** `openMs`: how long nobody tries. */
  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly openMs: number,
  ) {}

  get open(): boolean {
    return this.state !== 'closed';
  }

  /** Whether the caller may try; who may says how it went. */
  enter(): boolean {
    if (this.state === 'closed') return true;
    if (this.state === 'trying' || this.clock.now() < this.openUntilMs) return false;
    this.state = 'trying';
    return true;
  }

  /** A success that began before another's failure proves nothing. */
  succeeded(): void {
    if (this.state === 'trying') this.state = 'closed';
  }

  failed(): void {
    this.state = 'open';
    this.openUntilMs = this.clock.now() + this.openMs;
  }
}
