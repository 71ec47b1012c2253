/** The last few of a series of numbers. */
export class Recent {
  private readonly values: number[] = [];
  private next = 0;

  constructor(private readonly size = 64) {}

  add(value: number): void {
    this.values[this.next] = value;
    this.next = (this.next + 1) % this.size;
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
