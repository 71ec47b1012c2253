import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { ask, eventually, scratch, startLockedGateway } from '../harness/index.js';
import { openReceiver } from '../webhooks/receiver.js';
import { BatchClient, lines } from './batch-client.js';

it('a webhook is told how a batch ended', async () => {
  const [own, receiver] = await Promise.all([scratch('batch-webhooks'), openReceiver()]);
  const gateway = await startLockedGateway({ ...own.env, WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' });
  try {
    const { key } = await gateway.key({ tenant: 'acme' });
    const client = new BatchClient(gateway.url, key);
    const hook = { url: `${receiver.url}/in`, events: ['batch.failed', 'batch.cancelled'] };
    const { body: webhook } = await ask(`${gateway.url}/v1/webhooks`, { json: hook, headers: { authorization: `Bearer ${key}` } });
    const told = async (count: number) => (await eventually(() => receiver.received.length >= count && receiver.received, { what: `${count} events arrive` })).at(-1)!;
    const failed = await client.create(['nonsense']);
    const { body, headers } = await told(1);
    expect(new Webhook(webhook.secret).verify(body, headers as Record<string, string>)).toMatchObject({ type: 'batch.failed', data: { id: failed.id, object: 'batch', status: 'failed' } });
    const { id } = await client.create(lines(3));
    await client.openai.batches.cancel(id);
    expect(JSON.parse((await told(2)).body)).toMatchObject({ type: 'batch.cancelled', object: 'event', data: { id } });
    expect(receiver.received).toHaveLength(2);
  } finally {
    await Promise.all([gateway.stop('SIGKILL'), receiver.close()]);
    await own.dispose();
  }
}, 120_000);
