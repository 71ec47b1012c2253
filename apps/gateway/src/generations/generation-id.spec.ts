import { describe, expect, it } from 'vitest';
import { createdAt, newGenerationId } from './generation-id.js';

describe('generation id', () => {
  it('is gen_ and 32 base32 letters', () => {
    expect(newGenerationId()).toMatch(/^gen_[a-z2-7]{32}$/);
  });

  it('never comes twice', () => {
    expect(new Set(Array.from({ length: 2000 }, () => newGenerationId())).size).toBe(2000);
  });

  it('tells when it was drawn', () => {
    expect(createdAt(newGenerationId(new Date('2026-11-23T22:00:00.900Z')))).toBe(Date.parse('2026-11-23T22:00:00Z') / 1000);
  });

  it.each(['', 'gen_', 'gen_ABC', `gen_${'1'.repeat(32)}`, `job_${'a'.repeat(32)}`])('knows that %j is none of ours', (id) => {
    expect(createdAt(id)).toBeUndefined();
  });
});
