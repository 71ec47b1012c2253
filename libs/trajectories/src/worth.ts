import { Recent } from './recent.js';

/** Every so manieth lookup that would be skipped is made, to see whether the tier has become cheaper. */
const probeEvery = 64;
/** Measurements that decide; fewer than the first decide nothing. */
const [fewest, window] = [8, 32];

/** Whether a tier is worth asking: while what it takes to fetch an anchor is less than what it takes to compute it. */
export class Worth {
  private readonly hits = new Recent(window);
  private readonly misses = new Recent(window);
  private skipped = 0;

  /** `computeSeconds`: one branch of a full step as it is measured now; 0 while it is not known. */
  constructor(private readonly computeSeconds: () => number) {}

  /** Median seconds of the last fetches; before there were some, of lookups that found nothing; 0 before any. */
  get fetchSeconds(): number {
    return [this.hits, this.misses].find(({ count }) => count >= fewest)?.median ?? 0;
  }

  get dearer(): boolean {
    const compute = this.computeSeconds();
    return compute > 0 && this.fetchSeconds >= compute;
  }

  /** Whether to ask now; a tier that is dearer is asked now and then. */
  enter(): boolean {
    if (!this.dearer) return true;
    this.skipped = (this.skipped + 1) % probeEvery;
    return this.skipped === 0;
  }

  took(seconds: number, result: 'hit' | 'miss'): void {
    (result === 'hit' ? this.hits : this.misses).add(seconds);
  }
}
