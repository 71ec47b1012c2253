import { describe, expect, it } from 'vitest';
import { Slots } from './slots.js';

describe('the slots of a webhook', () => {
  it('are as many as there may be attempts under way, and come free again', () => {
    const slots = new Slots(2, () => 0);
    expect([slots.enter('a'), slots.enter('a'), slots.enter('a')]).toEqual(['free', 'free', 1_000]);
    slots.leave('a', 50);
    expect(slots.enter('a')).toBe('free');
  });

  it('leave those of another alone', () => {
    const slots = new Slots(1, () => 0);
    slots.enter('slow');
    expect(slots.enter('slow')).toBe(1_000);
    expect(slots.enter('other')).toBe('free');
  });

  it('call back as fast as the receiver answers, not all at once', () => {
    const slots = new Slots(2, () => 0);
    slots.enter('a');
    slots.enter('a');
    slots.leave('a', 15_000);
    slots.enter('a');
    expect([slots.enter('a'), slots.enter('a'), slots.enter('a')]).toEqual([1_000, 8_500, 16_000]);
  });
});
