import { whole, type Random } from './random.js';

/** The cards in an order of chance, again and again: in every round each comes once. */
export function* deal<T>(cards: readonly T[], random: Random): Generator<T, never> {
  if (cards.length === 0) throw new Error('a deck needs a card');
  for (;;) yield* shuffled(cards, random);
}

function shuffled<T>(cards: readonly T[], random: Random): T[] {
  const order = [...cards];
  for (let last = order.length - 1; last > 0; last--) {
    const at = whole(random, 0, last);
    [order[last], order[at]] = [order[at]!, order[last]!];
  }
  return order;
}
