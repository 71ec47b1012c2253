/** How the number of workers follows the work, as KEDA and the autoscaler of Kubernetes do it. */
export interface ScalingOptions {
  /** Backlog that one worker is meant to have, in device-seconds. */
  readonly targetSeconds: number;
  readonly least: number;
  readonly most: number;
  readonly pollSeconds: number;
  /** From the decision to a worker that takes jobs. */
  readonly startSeconds: number;
  /** Workers go only when fewer would have done for so long. */
  readonly stableSeconds: number;
}

/** `behavior.scaleDown.stabilizationWindowSeconds` and the formula of an average value, both over the backlog. */
export class Scaling {
  #wishes: { readonly at: number; readonly count: number }[] = [];

  constructor(readonly options: ScalingOptions) {}

  /** Workers that there should be. */
  wanted({ now, backlogSeconds }: { now: number; backlogSeconds: number }): number {
    const { targetSeconds, least, most, stableSeconds } = this.options;
    const count = Math.min(most, Math.max(least, Math.ceil(backlogSeconds / targetSeconds)));
    this.#wishes = [...this.#wishes.filter(({ at }) => at > now - stableSeconds), { at: now, count }];
    return Math.max(...this.#wishes.map((wish) => wish.count));
  }
}
