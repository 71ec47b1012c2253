import { describe, expect, it } from 'vitest';
import type { RowOutput } from '../model-runner.js';
import { EIGHT_BY_EIGHT, ofKind, played, requestOf, type Changes } from '../testing/played.js';
import type { Trajectory } from '../trajectory.js';

async function partialRuns(changes: Changes, options: Parameters<typeof played>[1] = {}) {
  const runs = ofKind(await played(requestOf('dllm-cache', changes), options), 'partial');
  return runs.map(({ turn, newPositions }) => ({ newPositions, selected: turn.selected.map((positions) => [...positions]) }));
}

describe('dllm-cache', () => {
  it('recomputes the prompt and the picture each at its own interval, and a share of the picture in between', async () => {
    const runs = await partialRuns({ steps: 13, knobs: { promptInterval: 6, responseInterval: 4 } }, { model: EIGHT_BY_EIGHT });
    const wanted = runs.map(({ selected: [positions] }) => `${positions!.filter((position) => position < 4).length}+${positions!.filter((position) => position >= 4).length}`);
    // 4 prompt positions and 64 of the picture, a quarter of which is 16; 20 of both lie in a bucket of 32.
    expect(wanted).toEqual(['4+64', '0+16', '0+16', '0+16', '0+64', '0+16', '4+28', '0+16', '0+64', '0+16', '0+16', '0+16', '4+64']);
  });

  it('takes the positions just revealed first, then those whose features moved most, in each branch its own', async () => {
    // At step 2 the whole picture is recomputed: the further from one end, the further each feature turned.
    const turning = (output: RowOutput, { step }: Trajectory): RowOutput => ({
      ...output,
      features: output.features!.map((_, at) => {
        const position = Math.floor(at / 2) % 20;
        const angle = step < 2 ? 0 : ((at < 40 ? position : 19 - position) * Math.PI) / 40;
        return at % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
      }),
    });
    const runs = await partialRuns({ steps: 8, knobs: { responseInterval: 2 } }, { script: turning });
    const { newPositions, selected } = runs[3]!;
    const news = newPositions.map((position) => 4 + position);
    const down = [19, 18, 17, 16, 15, 14].filter((position) => !news.includes(position));
    const up = [4, 5, 6, 7, 8, 9].filter((position) => !news.includes(position));
    expect(news.length).toBeGreaterThan(0);
    expect(selected).toEqual([[...news, ...down].slice(0, 4), [...news, ...up].slice(0, 4)]);
  });

  it('leaves revealed positions for later when more were revealed than it may recompute', async () => {
    const runs = await partialRuns({ steps: 3, knobs: { updateRatio: 0.25 } });
    const { newPositions, selected } = runs[2]!;
    expect(newPositions.length).toBeGreaterThan(4);
    expect(selected[0]).toEqual(newPositions.slice(0, 4).map((position) => 4 + position));
  });

  it.each([0, 1])('at an update ratio of %i recomputes nothing of need, or the whole picture', async (updateRatio) => {
    const runs = await partialRuns({ steps: 3, knobs: { updateRatio } }, { model: EIGHT_BY_EIGHT });
    expect(runs.map(({ selected }) => selected[0]!.filter((position) => position >= 4).length)).toEqual([64, ...(updateRatio === 1 ? [64, 64] : [4, 4])]);
  });

  it('begins with a step of every position', async () => {
    const [first] = await partialRuns({ steps: 2, knobs: { promptInterval: 7, responseInterval: 7 } });
    expect(first!.selected.map(({ length }) => length)).toEqual([20, 20]);
  });
});
