import { describe, expect, it } from 'vitest';
import { deal } from './deck.js';
import { randomFrom } from './random.js';

const cards = ['a', 'b', 'c', 'd', 'e', 'f'];
const dealt = (seed: number, count: number): string[] => {
  const deck = deal(cards, randomFrom(seed));
  return Array.from({ length: count }, () => deck.next().value);
};

describe('a deck', () => {
  it('has every card once in every round', () => {
    const order = dealt(3, 60);
    for (let round = 0; round < 10; round++) expect(order.slice(round * 6, round * 6 + 6).sort()).toEqual(cards);
  });

  it('deals the same for the same seed, and otherwise for another', () => {
    expect(dealt(3, 30)).toEqual(dealt(3, 30));
    expect(dealt(3, 30)).not.toEqual(dealt(4, 30));
  });

  it('does not repeat one order', () => {
    const order = dealt(3, 24);
    expect(order.slice(6, 12)).not.toEqual(order.slice(0, 6));
  });

  it('needs a card', () => {
    expect(() => deal([], randomFrom(1)).next()).toThrow(/card/);
  });
});
