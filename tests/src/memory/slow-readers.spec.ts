import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { GenerationConsumer } from '@slipstream/queue';
import { ask, eventually, follow, ownService, type Followed } from '../harness/index.js';
import { resultOf } from '../queue/queue-pair.js';
import { growth, tellsMemory } from './growth.js';

const readers = 100;
const previews = 40;
/** As large as a preview of a large picture; what the system keeps for a connection has room for some. */
const preview = randomBytes(300_000);

const service = ownService('slow-readers');

/** A connection that asks and takes nothing of the answer. */
function deaf(path: string): Socket {
  const socket = connect(service.gateway.port, '127.0.0.1').on('error', () => {}).pause();
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  return socket;
}

/** All that it is sent once it does listen. */
async function heard(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

/** A generation as a worker shows it whose every preview is seen by `attentive`, and the bytes by which the gateway grew meanwhile. */
async function shown(attentive: Followed): Promise<number> {
  const { REDIS_URL: redisUrl, QUEUE_PREFIX: prefix } = service.env as { REDIS_URL: string; QUEUE_PREFIX: string };
  let consumer: GenerationConsumer | undefined;
  try {
    return await growth(service.gateway.pid, async () => {
      consumer = new GenerationConsumer({ redisUrl, prefix, recordTtlSeconds: 60, bundle: 'digest', concurrency: 1, async process(job, context) {
        for (let step = 1; step <= previews; step++) {
          await context.preview(0, { step, masked: '0', bytes: preview });
          await eventually(() => previewsIn(attentive) >= step, { what: 'whoever listens has it' });
        }
        return resultOf(job);
      } });
      await attentive.ended;
    });
  } finally {
    await consumer?.close({ deadlineMs: 0 });
  }
}
const previewsIn = ({ events }: Followed): number => events.filter(({ event }) => event === 'generation.preview').length;

it.skipIf(!tellsMemory)('readers that take nothing cost the gateway next to nothing, and are told the latest when they do listen, not all that they missed', async () => {
  const { id } = (await ask(`${service.url}/v1/generations`, { json: { prompt: 'sun', partial_images: 16 } })).body;
  const path = `/v1/generations/${id}/events`;
  const attentive = await follow(service.url + path);
  const [late, ...others] = Array.from({ length: readers }, () => deaf(path));
  const grown = await shown(attentive);
  expect([previewsIn(attentive), attentive.events.at(-1)!.data.status]).toEqual([previews, 'completed']);
  expect(grown).toBeLessThan((readers * previews * preview.length) / 4);
  const text = await heard(late!);
  expect(text.split('event: generation.preview').length - 1).toBeLessThan(previews / 2);
  expect(/^event: generation\.state\nid: (\w+)-/m.exec(text.slice(text.lastIndexOf('event: generation.state')))![1]).toBe('completed');
  others.forEach((socket) => socket.destroy());
}, 120_000);
