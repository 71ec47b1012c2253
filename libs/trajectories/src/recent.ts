/** The last few of a series of numbers. */
export class Recent {
  private readonly values: number[] = [];
  private added = 0;

  constructor(private readonly size = 64) {}

  /** How many were added in all. */
  get count(): number {
    return this.added;
  }

  add(value: number): void {
    this.values[this.added++ % this.size] = value;
  }

  /** 0 when nothing was added yet. */
  get median(): number {
    const sorted = this.values.toSorted((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle]! : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  }

  get sum(): number {
    return this.values.reduce((total, value) => total + value, 0);
  }
}
