/** The median of the last few of a series of numbers. */
export class Recent {
  private readonly values: number[] = [];
  private added = 0;

  constructor(private readonly size = 32) {}

  /** How many were added in all. */
  get count(): number {
    return this.added;
  }

  add(value: number): void {
    this.values[this.added++ % this.size] = value;
  }

  /** The higher one of two in the middle; 0 when nothing was added yet. */
  get median(): number {
    return this.values.toSorted((a, b) => a - b)[this.values.length >> 1] ?? 0;
  }
}
