import { describe, expect, it } from 'vitest';
import type { GenerationJob } from '@slipstream/contracts';
import { exampleManifest } from '@slipstream/contracts/testing';
import { FakeBoard } from '../testing/fake-quality.js';
import { fallbackLevels, QualityWatch } from './quality-watch.js';

const asked = { strategy: 'shortcut', steps: 8, budget: 2, knobs: { placement: 'steps' }, guidance: 2, temperature: 1 } as const;
const job = (sampling: object = {}): GenerationJob => ({
  id: 'gen_1', requestId: 'r', createdAtMs: 0, tenant: 'default', lane: 'interactive',
  settings: { ...asked, model: 'tiny', prompt: 'apple', n: 2, seed: 40, outputFormat: 'png', outputCompression: 100, background: 'transparent', ...sampling },
});

describe('the quality watch', () => {
  function watch(shares: { audit: number; score: number }, room = true) {
    const story: unknown[] = [];
    const quality = new QualityWatch({
      shares,
      spare: { offer: (task) => (room && void task({ signal: new AbortController().signal, alone: () => true }), room) },
      auditor: { run: async ({ seed }) => void story.push(['audit', seed]), dropped: ({ seed }) => void story.push(['dropped', seed]) },
      scores: { keep: async ({ prompt }, strategy) => void story.push(['score', prompt, strategy]) },
    });
    return { story, hear: (sampling?: object) => [0, 1].forEach((index) => quality.hear({ job: job(sampling), index, result: { pixels: new Uint8Array(4) } })) };
  }

  it('audits each accelerated picture under its own seed and scores it', () => {
    const { story, hear } = watch({ audit: 1, score: 1 });
    hear();
    expect(story).toEqual([['audit', 40], ['score', 'apple', 'shortcut'], ['audit', 41], ['score', 'apple', 'shortcut']]);
  });

  it('does not audit what is full already, unless it is full because it fell back', () => {
    const { story, hear } = watch({ audit: 1, score: 0 });
    for (const strategy of ['vanilla', 'halton']) hear({ strategy, budget: 8, knobs: {} });
    hear({ budget: 8 });
    expect(story).toEqual([]);
    hear({ strategy: 'vanilla', budget: 8, knobs: {}, fallback: { from: asked, level: 2, reason: 'low' } });
    expect(story).toEqual([['audit', 40], ['audit', 41]]);
  });

  it('draws nothing of a share of 0, and says what there was no room for', () => {
    const none = watch({ audit: 0, score: 0 });
    none.hear();
    const full = watch({ audit: 1, score: 1 }, false);
    full.hear();
    expect([none.story, full.story]).toEqual([[], [['dropped', 40], ['dropped', 41]]]);
  });
});

it('shows every strategy that can fall back, at the level of its worst setting', () => {
  const board = new FakeBoard();
  board.fallbacks.set('a', { strategy: 'shortcut', level: 1, reason: '' });
  board.fallbacks.set('b', { strategy: 'shortcut', level: 3, reason: '' });
  const strategies = ['vanilla', 'halton', 'shortcut', 'recap', 'dimo'] as const;
  expect(fallbackLevels(exampleManifest({ strategies: [...strategies] }), board)).toEqual({ model: 'tiny', levels: { shortcut: 3, recap: 0, dimo: 0 } });
});
