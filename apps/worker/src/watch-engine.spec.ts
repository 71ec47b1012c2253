import { expect, it } from 'vitest';
import { stepCosts } from './watch-engine.js';

const none = { full: 0, head: 0, shortcut: 0, anchored: 0, tail: 0, partial: 0, student: 0, decode: 0 };

it('counts a predicted step as the dearest that was seen, and partial steps as full where nothing else runs', () => {
  expect(stepCosts({ rowSeconds: { ...none, full: 0.4, shortcut: 0.02, anchored: 0.03 } })).toEqual({ fullSeconds: 0.4, shortcutSeconds: 0.03 });
  expect(stepCosts({ rowSeconds: { ...none, partial: 0.1 } })).toEqual({ fullSeconds: 0.1, shortcutSeconds: 0 });
  expect(stepCosts({ rowSeconds: none })).toEqual({ fullSeconds: 0, shortcutSeconds: 0 });
});
