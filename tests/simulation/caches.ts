/** Keeps the prompts used last. */
export class Recent {
  readonly #kept = new Set<number>();
  constructor(private readonly most: number) {}

  /** Whether it was there; it is now. */
  use(prompt: number): boolean {
    const known = this.#kept.delete(prompt);
    this.#kept.add(prompt);
    if (this.#kept.size > this.most) this.#kept.delete(this.#kept.values().next().value!);
    return known;
  }
}

/** Where a first step was found: in the worker's own memory, in the fleet's cache, or nowhere. */
export type Found = 'own' | 'fleet' | 'nowhere';

/** Two tiers of remembered first steps: each device's memory, and one that all share. */
export class FirstStepTiers<Device> {
  readonly found: Record<Found, number> = { own: 0, fleet: 0, nowhere: 0 };
  readonly #own = new Map<Device, Recent>();
  readonly #fleet: Recent;

  constructor(private readonly sizes: { readonly own: number; readonly fleet: number }) {
    this.#fleet = new Recent(sizes.fleet);
  }

  use(device: Device, prompt: number): Found {
    const own = this.#own.get(device) ?? new Recent(this.sizes.own);
    this.#own.set(device, own);
    const [here, there] = [own.use(prompt), this.sizes.fleet > 0 && this.#fleet.use(prompt)];
    const found = here ? 'own' : there ? 'fleet' : 'nowhere';
    this.found[found] += 1;
    return found;
  }
}
