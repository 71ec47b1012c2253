import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { mersenne } from 'pure-rand/generator/mersenne';

/** Seconds from the start at which requests arrive: a Poisson process, the same for the same seed. */
export function poisson({ perSecond, seconds, seed }: { perSecond: number; seconds: number; seed: number }): number[] {
  const random = mersenne(seed); // xoroshiro's first numbers after a small seed are not random
  const arrivals: number[] = [];
  for (let at = 0; ; arrivals.push(at)) {
    at += -Math.log(1 - uniformFloat64(random)) / perSecond;
    if (at >= seconds) return arrivals;
  }
}
