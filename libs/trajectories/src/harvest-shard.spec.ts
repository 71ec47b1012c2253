import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { shardOf, type HarvestedTrajectory } from './harvest-shard.js';

const bundle = 'ab'.repeat(32);
const trajectory = (seed: number): HarvestedTrajectory => ({
  prompt: [5, 0], seed, strategy: 'shortcut', steps: 2, budget: 1, knobs: { placement: 'steps' }, guidance: 2, temperature: 1, tokens: [7, 8, 9], revealedAt: [1, 0, 1],
});

describe('a shard', () => {
  it('is a line that says what it is, and a line for each trajectory', () => {
    const [head, ...lines] = new TextDecoder().decode(shardOf(bundle, [trajectory(1), trajectory(2)]).bytes).split('\n');
    const rest = lines.join('\n');
    expect(JSON.parse(head!)).toEqual({ format: 'slipstream-harvest', version: 1, bundle, trajectories: 2, sha256: createHash('sha256').update(rest).digest('hex') });
    expect(lines.slice(0, -1).map((line) => JSON.parse(line))).toEqual([trajectory(1), trajectory(2)]);
    expect(lines.at(-1)).toBe('');
  });

  it('has a key of its bundle and its content', () => {
    const key = (of: string, seed: number): string => shardOf(of, [trajectory(seed)]).key;
    expect(key(bundle, 1)).toMatch(new RegExp(`^harvest/${bundle}/[0-9a-f]{32}\\.jsonl$`));
    expect(key(bundle, 1)).toBe(key(bundle, 1));
    expect(new Set([key(bundle, 1), key(bundle, 2), key('cd'.repeat(32), 1)]).size).toBe(3);
  });
});
