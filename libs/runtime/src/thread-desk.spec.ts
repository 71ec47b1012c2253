import { PLAN_KINDS, type RunLimits } from '@slipstream/sampler';
import { FakeModelRunner } from '@slipstream/sampler/testing';
import { expect, it } from 'vitest';
import { RunningPlan, type FromThread } from './protocol.js';
import { ThreadDesk } from './thread-desk.js';
import { WatchedRunner } from './watched-runner.js';

const request = { prompt: Int32Array.of(1, 2, 0, 0), seed: 7, strategy: 'vanilla', steps: 6, budget: 6, guidance: 2, temperature: 1 } as const;
const limits = Object.fromEntries(PLAN_KINDS.map((kind) => [kind, 4])) as RunLimits;

it.each([0, 1])('a row that is aborted while it is decoded harms no other: with %i previews', async (previews) => {
  const told: FromThread[] = [];
  let isAborted = false;
  const runner = new FakeModelRunner(undefined, ({ kind }) => {
    if (kind === 'decode' && !isAborted) desk.receive({ type: 'abort', id: 1 });
    isAborted ||= kind === 'decode';
  });
  const desk = new ThreadDesk({ runner: new WatchedRunner(runner, new RunningPlan()), embed: async () => [], score: async () => [], send: (messages) => told.push(...messages), capacity: 2, limits, onClosed: () => {} });
  const finished = (id: number): Promise<void> => new Promise((resolve) => {
    const look = (): void => void (told.some((message) => message.type === 'dead' || (message.type === 'finished' && message.id === id)) ? resolve() : setImmediate(look));
    look();
  });
  desk.receive({ type: 'submit', id: 1, request: { ...request, previews }, submittedMs: 0, heard: false });
  await finished(1);
  desk.receive({ type: 'submit', id: 2, request: { ...request, seed: 8 }, submittedMs: 0, heard: false });
  await finished(2);
  expect(told.filter(({ type }) => type === 'dead' || type === 'preview')).toEqual([]);
  expect(told.filter((message) => message.type === 'finished').map(({ outcome }) => outcome)).toEqual([{ aborted: true }, { picture: expect.anything() }]);
});
