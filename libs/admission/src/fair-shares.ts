/**
 * Who goes next among names that each want all they can get: the one with the least charged so far. A name that joins
 * starts level with whoever was served last, so it neither waits for others to catch up nor makes up for its absence.
 * (Virtual token counters: Sheng et al., Fairness in Serving Large Language Models, OSDI 2024; there a name that left and
 * comes back keeps what it was charged if that is more, and so it does here.)
 */
export class FairShares<Name extends string = string> {
  readonly #charged = new Map<Name, number>();
  /** What the one served last had been charged before; nobody here has less. */
  #level = 0;

  join(name: Name): void {
    if (!this.#charged.has(name)) this.#charged.set(name, this.#level);
  }

  /** The least charged; among equals the first by name. */
  first(): Name | undefined {
    let first: Name | undefined;
    let least = Infinity;
    for (const [name, charged] of this.#charged) {
      if (charged < least || (charged === least && name < first!)) [first, least] = [name, charged];
    }
    return first;
  }

  /** Serves the first one. */
  charge(name: Name, work: number): void {
    this.#level = this.#charged.get(name)!;
    this.#charged.set(name, this.#level + work);
  }

  /** Only the first may leave: whoever leaves earlier and joins again would be charged less than it had. */
  leave(name: Name): void {
    this.#charged.delete(name);
  }
}
