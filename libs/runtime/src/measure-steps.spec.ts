import { describe, expect, it } from 'vitest';
import { measureSteps, type StepMeasure } from './measure-steps.js';
import { TINY_BUNDLE } from './testing/bundle-copy.js';

const cpu = { executionProvider: 'cpu', threads: 1, runs: 3 } as const;
const all = async (options: Parameters<typeof measureSteps>[1]): Promise<StepMeasure[]> => {
  const heard: StepMeasure[] = [];
  await measureSteps(TINY_BUNDLE, options, (measure) => heard.push(measure));
  return heard;
};

describe('measureSteps', () => {
  it('times both kinds of step at every number of rows', async () => {
    const heard = await all({ ...cpu, rows: [1, 3] });
    expect(heard.map(({ kind, features, rows, seconds }) => [kind, features, rows, seconds.length])).toEqual([
      ['full', 'host', 1, 3], ['full', 'host', 3, 3], ['shortcut', 'host', 1, 3], ['shortcut', 'host', 3, 3],
    ]);
    expect(heard.flatMap(({ seconds }) => seconds).every((each) => each > 0)).toBe(true);
  });

  it('refuses to leave features on a device that the binding cannot hand them over on', async () => {
    await expect(all({ ...cpu, rows: [1], places: ['device'] })).rejects.toMatchObject({ code: 'configuration_invalid', message: expect.stringContaining('not with cpu') as string });
  });

  it('stops where it is asked to', async () => {
    const stop = AbortSignal.abort('enough');
    await expect(all({ ...cpu, rows: [1], signal: stop })).rejects.toBe('enough');
  });
});
