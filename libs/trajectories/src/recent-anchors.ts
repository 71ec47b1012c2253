/** Keeps the features that were used last, up to a size in bytes. */
export class RecentAnchors {
  /** In the order of their last use: a Map keeps insertion order. */
  private readonly features = new Map<string, Float32Array>();
  private bytes = 0;

  constructor(private readonly limitBytes: number) {}

  get sizeBytes(): number {
    return this.bytes;
  }

  /** The caller only reads what it gets. */
  get(key: string): Float32Array | undefined {
    const found = this.features.get(key);
    if (found === undefined) return undefined;
    this.features.delete(key);
    this.features.set(key, found);
    return found;
  }

  /** `features` are the memory's from now on. What is larger than the memory is not kept. */
  set(key: string, features: Float32Array): void {
    this.drop(key);
    this.features.set(key, features);
    this.bytes += features.byteLength;
    for (const oldest of this.features.keys()) {
      if (this.bytes <= this.limitBytes) return;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    this.bytes -= this.features.get(key)?.byteLength ?? 0;
    this.features.delete(key);
  }
}
