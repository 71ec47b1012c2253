import { connect, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { expectProblem } from './harness/expect-problem.js';
import { ask, eventually, follow, ownService, startGateway, type Followed } from './harness/index.js';

const service = ownService('events');

const accept = async (fields: object = {}): Promise<string> => (await ask(`${service.url}/v1/generations`, { json: { prompt: 'sun', ...fields } })).body.id;
const cancel = (id: string) => ask(`${service.url}/v1/generations/${id}/cancel`, { method: 'POST' });
const eventsOf = (id: string, headers: Record<string, string> = {}): Promise<Followed> => follow(`${service.url}/v1/generations/${id}/events`, headers);

/** A connection that asks and takes nothing of the answer. */
function askedAndNotRead(path: string): Socket {
  const socket = connect(service.gateway.port, '127.0.0.1').pause();
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
  return socket;
}

const states = ({ events }: Followed) => events.filter(({ event }) => event === 'generation.state').map(({ data }) => data);
const previews = ({ events }: Followed) => events.filter(({ event }) => event === 'generation.preview').map(({ data }) => data);

describe('a generation’s events', () => {
  it('tell its state until the end, what each step was, and previews of its pictures', async () => {
    const id = await accept({ n: 2, seed: 3, partial_images: 3, acceleration: { steps: 16, budget: 4 } });
    const reader = await eventsOf(id);
    expect([reader.status, reader.contentType]).toEqual([200, 'text/event-stream; charset=utf-8']);
    await eventually(() => states(reader)[0]?.status === 'queued', { what: 'it is told that it waits' });
    await service.worker();
    await reader.ended;
    const told = states(reader);
    const { body: generation } = await ask(`${service.url}/v1/generations/${id}`);
    expect(told.at(-1)).toMatchObject({ type: 'generation.state', id, status: 'completed', step: 16, steps: 16, step_map: generation.slipstream.step_map, step_counts: { full: 4, shortcut: 12, partial: 0 }, slipstream: generation.slipstream });
    expect(generation.slipstream.step_map).toMatch(/^[FR](sss[FR]){3}sss$/);
    for (const { step_map } of told) expect(generation.slipstream.step_map.slice(0, step_map?.length ?? 0)).toBe(step_map ?? '');
    expect(told.at(-1).data).toHaveLength(2);
    expect(told.map(({ step }) => step)).toEqual(told.map(({ step }) => step).sort((a, b) => a - b));
    const shown = previews(reader);
    expect(new Set(shown.map(({ index }) => index))).toEqual(new Set([0, 1]));
    for (const { b64_json, step, output_format, grid, masked } of shown) {
      expect(grid).toBe('4x4');
      expect(masked).toMatch(/^[01]{16}$/);
      expect([...masked].filter((bit: string) => bit === '1')).toHaveLength(16 - step);
      expect(Buffer.from(b64_json, 'base64').toString('latin1', 1, 4)).toBe('PNG');
      expect([4, 8, 12]).toContain(step);
      expect(output_format).toBe('png');
    }
  }, 120_000);

  it('go on after the last one that a client has seen, and are over with 204', async () => {
    const id = await accept();
    const first = await eventsOf(id);
    const [queued] = await eventually(() => first.events.length > 0 && first.events, { what: 'a first event' });
    first.leave();
    const back = await eventsOf(id, { 'last-event-id': queued!.id! });
    await cancel(id);
    await back.ended;
    expect(states(back).map(({ status }) => status)).toEqual(['cancelled']);
    const seen = await eventsOf(id, { 'last-event-id': back.events.at(-1)!.id! });
    expect(seen.status).toBe(204);
    const new_ = await eventsOf(id, { 'last-event-id': 'of something else' });
    await new_.ended;
    expect(states(new_).map(({ status }) => status)).toEqual(['cancelled']);
  });

  it('are those of an id that is known', async () => {
    expectProblem(await ask(`${service.url}/v1/generations/gen_nothing/events`), { status: 404, code: 'generation_not_found' });
  });

  it('reach a thousand readers over one subscription', async () => {
    const id = await accept();
    const readers = await Promise.all(Array.from({ length: 1_000 }, () => eventsOf(id)));
    await eventually(() => readers.every(({ events }) => events.length === 1), { what: 'each is told that it waits' });
    const redis = new Redis(service.env['REDIS_URL']!);
    const channel = `${service.env['QUEUE_PREFIX']}:progress:${id}`;
    expect(await redis.pubsub('NUMSUB', channel)).toEqual([channel, 1]);
    await cancel(id);
    await Promise.all(readers.map(({ ended }) => ended));
    for (const reader of readers) expect(states(reader).map(({ status }) => status)).toEqual(['queued', 'cancelled']);
    await eventually(async () => (await redis.pubsub('NUMSUB', channel))[1] === 0, { what: 'the channel is left' });
    redis.disconnect();
  }, 60_000);

  it('wait for a reader that does not read, and nothing else does', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, (_, seed) => accept({ n: 10, seed, partial_images: 16, acceleration: { steps: 16 } })));
    const deaf = ids.map((id) => askedAndNotRead(`/v1/generations/${id}/events`));
    const reader = await eventsOf(ids.at(-1)!);
    await service.worker();
    await reader.ended;
    expect(states(reader).at(-1)).toMatchObject({ status: 'completed' });
    for (const id of ids) await eventually(async () => (await ask(`${service.url}/v1/generations/${id}`)).body.status === 'completed', { what: 'each completes' });
    deaf.forEach((socket) => socket.destroy());
  }, 120_000);

  it('end when their gateway leaves, to be gone on with elsewhere', async () => {
    const other = await startGateway(service.env);
    await other.ready(100_000);
    const id = await accept();
    const reader = await follow(`${other.url}/v1/generations/${id}/events`);
    await eventually(() => reader.events.length > 0, { what: 'a first event' });
    expect((await other.stop()).code).toBe(0);
    await reader.ended;
    const next = await eventsOf(id, { 'last-event-id': reader.events.at(-1)!.id! });
    await cancel(id);
    await next.ended;
    expect(states(next).map(({ status }) => status)).toEqual(['cancelled']);
  }, 120_000);
});
