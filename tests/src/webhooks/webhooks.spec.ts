import { randomUUID } from 'node:crypto';
import OpenAI from 'openai';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectProblem } from '../harness/expect-problem.js';
import { ask, eventually, scratch, startGateway, startLockedGateway, startWorker, type Answer, type LockedGateway, type RunningServer, type Scratch } from '../harness/index.js';
import { openReceiver, type Received, type Receiver } from './receiver.js';

let own: Scratch;
let gateway: LockedGateway;
let receiver: Receiver;
let headers: { authorization: string };

/** From now on another tenant asks. */
const becomeSomebody = async (): Promise<void> => void (headers = { authorization: `Bearer ${(await gateway.key({ tenant: `t-${randomUUID()}` })).key}` });

beforeAll(async () => {
  own = await scratch('webhooks');
  gateway = await startLockedGateway({ ...own.env, WEBHOOK_PRIVATE_HOSTS: '127.0.0.1', WEBHOOK_TIMEOUT_SECONDS: '5' });
}, 120_000);

afterAll(async () => {
  await gateway?.stop();
  await own?.dispose();
}, 60_000);

beforeEach(async () => {
  receiver = await openReceiver();
  await becomeSomebody();
});
afterEach(() => receiver.close());

const call = (path: string, question: Parameters<typeof ask>[1] = {}, at: RunningServer = gateway): Promise<Answer> => ask(`${at.url}/v1/${path}`, { ...question, headers: { ...headers, ...question.headers } });

async function register(fields: object = {}) {
  const made = await call('webhooks', { json: { url: `${receiver.url}/in`, ...fields } });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body as { id: string; secret: string; url: string; events: string[] };
}

/** A generation that ends without any worker: its id. */
async function cancelled(): Promise<string> {
  const { body } = await call('generations', { json: { prompt: 'sun' } });
  await call(`generations/${body.id}/cancel`, { method: 'POST' });
  return body.id;
}

const arrived = (count: number): Promise<Received[]> => eventually(() => receiver.received.length >= count && [...receiver.received], { what: `${count} events arrive` });
const signed = ({ headers: sent }: Received) => sent as Record<string, string>;
const deliveriesOf = async (id: string) => (await call(`webhooks/${id}/deliveries`)).body.data as { id: string; status: string; type: string; event: string; attempts: { status: number | null; error: string | null }[]; body: string; next_attempt_at: number | null }[];

describe('an event', () => {
  it('arrives signed, as the reference of Standard Webhooks has it', async () => {
    const { secret } = await register();
    const id = await cancelled();
    const [event] = await arrived(1);
    const verified = new Webhook(secret).verify(event!.body, signed(event!));
    expect(verified).toMatchObject({ type: 'generation.cancelled', data: { id, object: 'generation', status: 'cancelled' } });
    expect(() => new Webhook(secret).verify(event!.body.replace('cancelled', 'completed'), signed(event!))).toThrow(/signature/i);
    expect(event!.body.length).toBeLessThan(20_000);
  });

  it('is understood by the official openai client', async () => {
    const { secret } = await register();
    await cancelled();
    const [event] = await arrived(1);
    const openai = new OpenAI({ apiKey: 'none', webhookSecret: secret });
    expect(await openai.webhooks.unwrap(event!.body, signed(event!))).toMatchObject({ object: 'event', type: 'generation.cancelled', created_at: expect.any(Number) });
    await expect(openai.webhooks.unwrap(`${event!.body} `, signed(event!))).rejects.toBeInstanceOf(OpenAI.InvalidWebhookSignatureError);
  });

  it('tells of a generation that a worker completed', async () => {
    const { secret } = await register({ events: ['generation.completed'] });
    const worker = await startWorker(own.env);
    try {
      await worker.ready(100_000);
      const { body } = await call('images/generations', { json: { prompt: 'sun', seed: 4 } });
      const [event] = await arrived(1);
      expect(new Webhook(secret).verify(event!.body, signed(event!))).toMatchObject({ type: 'generation.completed', data: { id: body.id } });
    } finally {
      await worker.stop();
    }
  }, 120_000);

  it('goes to each webhook that wants it, under one id, and to no other', async () => {
    await register({ url: `${receiver.url}/all` });
    await register({ url: `${receiver.url}/cancelled`, events: ['generation.cancelled'] });
    await register({ url: `${receiver.url}/completed`, events: ['generation.completed'] });
    await cancelled();
    const events = await arrived(2);
    expect(events.map(({ path }) => path).sort()).toEqual(['/all', '/cancelled']);
    expect(new Set(events.map((event) => signed(event)['webhook-id'])).size).toBe(1);
  });

  it('carries two signatures while a secret is being replaced', async () => {
    const { id, secret: old } = await register();
    const { secret: fresh } = (await call(`webhooks/${id}/rotate`, { method: 'POST' })).body;
    expect(fresh).not.toBe(old);
    await cancelled();
    const [event] = await arrived(1);
    expect(signed(event!)['webhook-signature']!.split(' ')).toHaveLength(2);
    for (const secret of [old, fresh]) expect(new Webhook(secret).verify(event!.body, signed(event!))).toBeTruthy();
    const { secret: newest } = (await call(`webhooks/${id}/rotate`, { method: 'POST' })).body;
    await cancelled();
    const [, second] = await arrived(2);
    for (const secret of [fresh, newest]) expect(new Webhook(secret).verify(second!.body, signed(second!))).toBeTruthy();
    expect(() => new Webhook(old).verify(second!.body, signed(second!))).toThrow(/signature/i);
  });
});

describe('a delivery', () => {
  it('is tried again when it failed, and the log says when and why', async () => {
    receiver.answer(500);
    const { id } = await register();
    await cancelled();
    const [pending] = await eventually(async () => ((await deliveriesOf(id))[0]?.attempts.length ?? 0) > 0 && deliveriesOf(id), { what: 'the first attempt is in the log' });
    expect(pending).toMatchObject({ status: 'pending', type: 'generation.cancelled', attempts: [{ status: 500, error: 'it answered 500' }], next_attempt_at: expect.any(Number) });
    receiver.answer(200);
    const [first, second] = await arrived(2); // by the schedule, some five seconds later
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    expect(second!.body).toBe(first!.body);
    const done = await eventually(async () => (await deliveriesOf(id)).find(({ status }) => status === 'delivered'), { what: 'it is delivered' });
    expect(done).toMatchObject({ attempts: [{ status: 500 }, { status: 200, error: null }], next_attempt_at: null, body: first!.body });
  });

  it('does not follow a redirect', async () => {
    receiver.answer(302, { location: `${receiver.url}/elsewhere` });
    const { id } = await register();
    await cancelled();
    const failed = await eventually(async () => (await deliveriesOf(id)).find(({ attempts }) => attempts.length > 0), { what: 'the attempt is in the log' });
    expect(failed.attempts[0]).toMatchObject({ status: 302, error: expect.stringMatching(/redirects are not followed/) });
    expect(receiver.received.map(({ path }) => path)).toEqual(['/in']);
  });

  it('that meets 410 disables its webhook until that is enabled again', async () => {
    receiver.answer(410);
    const { id } = await register();
    await cancelled();
    const disabled = await eventually(async () => ((await call(`webhooks/${id}`)).body.status === 'disabled' ? (await call(`webhooks/${id}`)).body : false), { what: 'the webhook is disabled' });
    expect(disabled.disabled_reason).toMatch(/410/);
    receiver.answer(200);
    const other = await register({ url: `${receiver.url}/other` });
    const missed = await cancelled();
    await eventually(() => receiver.received.some(({ body }) => body.includes(missed)), { what: 'the other webhook hears' });
    await call(`webhooks/${other.id}`, { method: 'DELETE' });
    expect((await call(`webhooks/${id}`, { method: 'PATCH', json: { status: 'enabled' } })).body).toMatchObject({ status: 'enabled', disabled_reason: null });
    const heard = await cancelled();
    await eventually(() => receiver.received.some(({ body }) => body.includes(heard)), { what: 'the enabled webhook hears again' });
    expect(receiver.received.map(({ path }) => path)).toEqual(['/in', '/other', '/in']); // what happened in between is not made up for
  });

  it('can be made again by hand, under the same id', async () => {
    const { id, secret } = await register();
    await cancelled();
    await arrived(1);
    const done = await eventually(async () => (await deliveriesOf(id)).find(({ status }) => status === 'delivered'), { what: 'it is delivered' });
    const again = await call(`webhooks/${id}/deliveries/${done.id}/redeliver`, { method: 'POST' });
    expect([again.status, again.body.status]).toEqual([202, 'pending']);
    const [first, second] = await arrived(2);
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    expect(new Webhook(secret).verify(second!.body, signed(second!))).toBeTruthy();
    await eventually(async () => { const { body } = await call(`webhooks/${id}/deliveries/${done.id}`); return body.status === 'delivered' && body.attempts.length === 2; }, { what: 'both attempts are in the log' });
  });

  it('are listed the latest first, page by page', async () => {
    const { id } = await register();
    for (let i = 0; i < 5; i++) await cancelled();
    await arrived(5);
    const all = await deliveriesOf(id);
    expect(all).toHaveLength(5);
    const first = (await call(`webhooks/${id}/deliveries?limit=2`)).body;
    const rest = (await call(`webhooks/${id}/deliveries?limit=3&after=${first.data[1].id}`)).body;
    expect([...first.data, ...rest.data].map((each) => each.id)).toEqual(all.map((each) => each.id));
    expect([first.has_more, rest.has_more]).toEqual([true, false]);
  });
});

describe('a gateway that is killed', () => {
  it('loses no event: neither what ended without it, nor what it was sending', async () => {
    const env = { ...own.env, QUEUE_PREFIX: `${own.env['QUEUE_PREFIX']}-killed`, WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' };
    receiver.answer('hold');
    const first = await startGateway(env);
    await first.ready(100_000);
    await call('webhooks', { json: { url: receiver.url } }, first);
    const { body: sending } = await call('generations', { json: { prompt: 'sun' } }, first);
    const { body: late } = await call('generations', { json: { prompt: 'moon', deadline: 1 } }, first);
    await call(`generations/${sending.id}/cancel`, { method: 'POST' }, first);
    await arrived(1); // it waits for an answer, and in an instant it is no more
    await first.stop('SIGKILL');
    receiver.answer(200);
    const second = await startGateway(env);
    try {
      await second.ready(100_000);
      const heard = await eventually(() => receiver.received.length >= 3 && receiver.received.map(({ body }) => JSON.parse(body)), { what: 'both events are received, one again', deadlineMs: 60_000 });
      expect(new Set(heard.map(({ data }) => data.id))).toEqual(new Set([sending.id, late.id]));
      const again = receiver.received.filter(({ body }) => body.includes(sending.id));
      expect(new Set(again.map(({ headers: sent }) => sent['webhook-id'])).size).toBe(1);
    } finally {
      await second.stop();
    }
  }, 120_000);
});

describe('bad input', () => {
  it.each([
    ['nothing', null, undefined],
    ['a list', [], undefined],
    ['no url', {}, 'url'],
    ['another scheme', { url: 'ftp://example.org' }, 'url'],
    ['a password', { url: 'https://me:secret@example.org/' }, 'url'],
    ['the loopback', { url: 'https://[::1]/' }, 'url'],
    ['the metadata service', { url: 'https://169.254.169.254/latest' }, 'url'],
    ['a name of the loopback', { url: 'https://localhost/' }, 'url'],
    ['plain http', { url: 'http://93.184.216.34/' }, 'url'],
    ['no such event', { url: 'https://93.184.216.34/', events: ['generation.begun'] }, 'events.0'],
    ['no event', { url: 'https://93.184.216.34/', events: [] }, 'events'],
    ['an unknown field', { url: 'https://93.184.216.34/', secret: 'mine' }, 'secret'],
  ])('is refused: %s', async (_name, json, param) => {
    const refusal = await call('webhooks', { json });
    expectProblem(refusal, { status: 400, code: 'invalid_request', ...(param !== undefined && { param }) });
    expect(JSON.stringify(refusal.body)).not.toContain('secret@');
  });

  it('is refused in a change as well', async () => {
    const { id } = await register();
    expectProblem(await call(`webhooks/${id}`, { method: 'PATCH', json: { url: 'https://10.0.0.1/' } }), { status: 400, code: 'invalid_request', param: 'url' });
    expectProblem(await call(`webhooks/${id}/deliveries?limit=0`), { status: 400, code: 'invalid_request', param: 'limit' });
    expectProblem(await call(`webhooks/${id}/deliveries/dlv_none`), { status: 404, code: 'delivery_not_found' });
  });

  it('is one webhook too many', async () => {
    for (let i = 0; i < 20; i++) await register();
    expectProblem(await call('webhooks', { json: { url: receiver.url } }), { status: 409, code: 'webhooks_full' });
  });
});

describe('a tenant', () => {
  it('sees its own webhooks, without their secrets, and nobody else’s', async () => {
    const { id, secret } = await register({ description: 'mine' });
    await cancelled();
    await arrived(1);
    const delivery = (await deliveriesOf(id))[0]!.id;
    expect((await call('webhooks')).body.data).toMatchObject([{ id, description: 'mine', status: 'enabled' }]);
    expect(JSON.stringify((await call('webhooks')).body)).not.toContain(secret);
    await becomeSomebody();
    expect((await call('webhooks')).body.data).toEqual([]);
    const questions: [string, Parameters<typeof ask>[1]][] = [
      [`webhooks/${id}`, {}],
      [`webhooks/${id}`, { method: 'DELETE' }],
      [`webhooks/${id}`, { method: 'PATCH', json: { status: 'disabled' } }],
      [`webhooks/${id}/rotate`, { method: 'POST' }],
      [`webhooks/${id}/deliveries`, {}],
      [`webhooks/${id}/deliveries/${delivery}`, {}],
      [`webhooks/${id}/deliveries/${delivery}/redeliver`, { method: 'POST' }],
    ];
    for (const [path, question] of questions) expectProblem(await call(path, question), { status: 404, code: 'webhook_not_found' });
    await cancelled();
    expect(receiver.received).toHaveLength(1);
  });

  it('hears nothing more of a webhook that it deleted', async () => {
    const { id } = await register();
    const kept = await register({ url: `${receiver.url}/kept` });
    expect((await call(`webhooks/${id}`, { method: 'DELETE' })).body).toEqual({ id, object: 'webhook', deleted: true });
    await cancelled();
    expect((await arrived(1))[0]!.path).toBe('/kept');
    expect((await call('webhooks')).body.data).toMatchObject([{ id: kept.id }]);
  });
});
