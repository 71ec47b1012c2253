import { describe, expect, it } from 'vitest';
import { readLogs } from './log-lines.js';
import type { Ending } from './client.js';
import type { Job } from './run-jobs.js';
import { judge, type Evidence } from './verdict.js';

const job = (id: string, ending: Ending | 'lost', { segment = 4, poison = false, cancelled = false } = {}): Job => ({ id, ending, cancelled, request: { segment, poison } as Job['request'] });
const done: Ending = { status: 'completed' };
const failed = (code: string): Ending => ({ status: 'failed', error: { code, message: 'm' } });
const line = (facts: object): string => JSON.stringify(facts);
const good: Evidence = {
  wanted: 5,
  jobs: [job('a', done), job('b', done), job('c', failed('storage_full')), job('d', { status: 'cancelled' }, { cancelled: true }), job('p', failed('worker_lost'), { poison: true })],
  made: new Map([['a', ['1', '2']], ['b', ['3']]]),
  undisturbed: new Map([['a', ['1', '2']], ['b', ['3']]]),
  logs: readLogs([[line({ jobId: 'a', outcome: 'completed' }), line({ msg: 'generation taken over', jobId: 'b', repeated: [4, 1], losses: 1 }), line({ jobId: 'a', outcome: 'lost' }), ...['b', 'c', 'p'].map((jobId) => line({ jobId, outcome: jobId === 'b' ? 'completed' : 'failed' })), '{"half a li'].join('\n')]),
  revived: [{ id: 'p', listed: true, same: true }],
  takeOverSeconds: [12, 14],
  faults: { 'worker SIGKILL': 1, 'disk full': 0 },
};
const missed = (change: Partial<Evidence>): readonly string[] => judge({ ...good, ...change }).missed;

describe('the verdict on a chaos run', () => {
  it('counts what came of the jobs', () => {
    expect(judge(good)).toMatchObject({
      submitted: 5, completed: 2, cancelled: 1, failed: { storage_full: 1, worker_lost: 1 }, lost: 0, duplicated: 0, witnessed: 4, differentBytes: 0,
      takeOvers: 1, afterLoss: 1, wastedSteps: 5, mostWastedOfARow: 4, overOneSegment: 0, longestTakeOverSeconds: 14, unseen: [], missed: [],
    });
  });

  it.each([
    ['jobs that were not sent', { wanted: 6 }, /only 5 of 6/],
    ['a job without an end', { jobs: [job('a', 'lost')] }, /lost/],
    ['a job that was cancelled by nobody', { jobs: [job('a', { status: 'cancelled' })] }, /lost/],
    ['a job that two workers settled', { logs: readLogs([line({ jobId: 'a', outcome: 'completed' }), line({ jobId: 'a', outcome: 'failed' })]) }, /twice/],
    ['logs that say nothing of the ends', { logs: readLogs(['']) }, /^only 0 ends are in the logs/],
    ['a picture of other bytes', { made: new Map([['a', ['1', 'x']], ['b', ['3']]]) }, /^1 pictures of other bytes/],
    ['a picture too many', { made: new Map([['a', ['1', '2', '2']], ['b', ['3']]]) }, /other bytes/],
    ['pictures that nothing is known of undisturbed', { made: new Map([['a', ['1', '2']], ['b', ['3']]]), undisturbed: new Map([['a', ['1', '2']]]) }, /other bytes/],
    ['a picture that is not there', { made: new Map([['a', ['1', undefined]], ['b', ['3']]]) }, /other bytes/],
    ['a row that did more than its segment again', { logs: readLogs([line({ msg: 'generation taken over', jobId: 'a', repeated: [5] })]) }, /more than a segment/],
    ['a poison job that was not isolated', { jobs: [job('p', done, { poison: true })], revived: [] }, /not isolated/],
    ['a poison job that no operator sees', { revived: [{ id: 'p', listed: false, same: true }] }, /0 were listed/],
    ['a poison job that is not made when tried again', { revived: [{ id: 'p', listed: true, same: false }] }, /0 made/],
    ['a mate that failed for its sake', { jobs: [job('a', failed('worker_lost'))] }, /for the sake of others/],
    ['a fault that never came though the run was long', { jobs: Array.from({ length: 300 }, () => job('a', done)) }, /never happened: disk full/],
    ['a slow take-over', { takeOverSeconds: [15.1] }, /15\.1 s/],
  ] as [string, Partial<Evidence>, RegExp][])('misses %s', (_what, change, words) => {
    expect(missed(change).join()).toMatch(words);
  });
});
