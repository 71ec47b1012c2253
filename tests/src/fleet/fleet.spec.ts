import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FleetBoard, type WorkerState } from '@slipstream/queue';
import { ask, eventually, scratch, startLockedGateway, startWorker, type LockedGateway, type RunningServer, type Scratch } from '../harness/index.js';

const worker = (id: string, more: Partial<WorkerState> = {}): WorkerState => ({ id, bundle: 'b', startedAtMs: 1, capacity: 4, rowsInUse: 1, waiting: 0, fullSeconds: 0.1, shortcutSeconds: 0.01, ...more });

describe('the board', () => {
  let own: Scratch;
  let nowMs: number;
  let board: FleetBoard;
  beforeAll(async () => {
    own = await scratch('fleet-board');
    nowMs = 1_000 * 3_600_000;
    board = new FleetBoard({ redisUrl: own.env['REDIS_URL']!, prefix: own.env['QUEUE_PREFIX']!, now: () => nowMs });
    await eventually(async () => (await board.read('hour')) && true, { what: 'Redis answers' });
  });
  afterAll(async () => {
    board.close();
    await own.dispose();
  });

  it('adds up what workers count, by minutes and by hours', async () => {
    await board.report(worker('one'), { 'steps:full': 2, pictures: 1 });
    await board.report(worker('two', { startedAtMs: 2 }), { 'steps:full': 0.5 });
    nowMs += 60_000;
    await board.report(worker('one'), { 'steps:full': 4 });
    const [hour, week] = [await board.read('hour'), await board.read('week')];
    expect(hour.workers.map(({ id }) => id)).toEqual(['one']);
    expect([hour.points.length, week.points.length]).toEqual([60, 168]);
    expect(hour.points.slice(-2).map(({ counts }) => counts)).toEqual([{ samples: 2, backlogSeconds: 0, 'steps:full': 2.5, pictures: 1 }, { samples: 1, backlogSeconds: 0, 'steps:full': 4 }]);
    expect(week.points.at(-1)!.counts).toMatchObject({ samples: 3, 'steps:full': 6.5 });
    expect(hour.points.at(-1)!.atMs).toBe(nowMs);
  });

  it('forgets a worker that said good-bye, or was not heard of', async () => {
    await board.report(worker('three'), {});
    await board.leave('three');
    await board.report(worker('four', { startedAtMs: 2 }), {});
    expect((await board.read('hour')).workers.map(({ id }) => id)).toEqual(['one', 'four']);
    nowMs += 16_000;
    expect((await board.read('hour')).workers).toEqual([]);
  });
});

describe('GET /v1/fleet', () => {
  let own: Scratch;
  let gateway: LockedGateway;
  let running: RunningServer;
  let headers: { authorization: string };
  const fleet = async () => (await ask(`${gateway.url}/v1/fleet`, { headers })).body;
  beforeAll(async () => {
    own = await scratch('fleet');
    [gateway, running] = await Promise.all([startLockedGateway(own.env), startWorker(own.env)]);
    headers = { authorization: `Bearer ${(await gateway.key({ tenant: 'mine' })).key}` };
    await running.ready(100_000);
  }, 180_000);
  afterAll(async () => {
    await Promise.all([gateway, running].map((server) => server?.stop('SIGKILL')));
    await own?.dispose();
  }, 60_000);

  it('shows workers and what they did, to any tenant, and nothing of whose it was', async () => {
    const other = { authorization: `Bearer ${(await gateway.key({ tenant: 'somebody-else' })).key}` };
    const { status, body } = await ask(`${gateway.url}/v1/images/generations`, { json: { prompt: 'a secret sun', n: 4, acceleration: { strategy: 'shortcut', steps: 8, budget: 2 } }, headers: other });
    expect(status).toBe(200);
    const seen = await eventually(async () => { const each = await fleet(); return each.workers.length === 1 && each.now.pictures_per_second > 0 && each; }, { what: 'the worker tells what it did' });
    expect(seen).toMatchObject({ object: 'fleet', span: 'hour', rows: seen.workers[0].rows, backlog: { device_seconds: 0, lanes: { interactive: 0, batch: 0 } }, fallbacks: 0 });
    expect(seen.now.full_steps_per_second).toBeGreaterThan(0);
    expect(seen.now.shortcut_steps_per_second).toBeGreaterThan(2 * seen.now.full_steps_per_second);
    expect(seen.workers[0].full_step_seconds).toBeGreaterThan(0);
    expect(seen.points).toHaveLength(60);
    expect(JSON.stringify(seen)).not.toMatch(new RegExp(`secret|somebody-else|${body.id}`));
  }, 60_000);

  it('shows what waits by lane, and that no worker is left', async () => {
    await running.stop();
    await eventually(async () => (await fleet()).workers.length === 0, { what: 'the worker is gone' });
    for (const lane of ['interactive', 'batch', 'batch']) await ask(`${gateway.url}/v1/generations`, { json: { prompt: 'sun', lane }, headers });
    const { backlog, rows } = await fleet();
    expect(rows).toBe(0);
    expect(backlog.waiting).toBe(3);
    expect(backlog.device_seconds).toBeGreaterThan(0);
    expect(backlog.lanes.interactive + backlog.lanes.batch).toBeLessThanOrEqual(3);
  }, 60_000);
});
