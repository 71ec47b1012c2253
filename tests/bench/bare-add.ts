import { Queue } from 'bullmq';

/**
 * Adds jobs of a generation's size to a queue of its own, `lanes` under way at a time, and prints how many a second
 * were acknowledged. A process of its own, so that it can be held to one core.
 */
async function main([redisUrl, prefix, lanes, seconds]: readonly string[]): Promise<void> {
  const { hostname: host, port, password, pathname } = new URL(redisUrl as string);
  const connection = {
    host,
    port: Number(port || 6379),
    password: password || undefined,
    db: Number(pathname.slice(1) || 0),
  };
  const queue = new Queue('bare', { prefix, connection });
  await queue.waitUntilReady();
  await addFor(queue, Number(lanes), 1);
  const addsPerSecond = await addFor(queue, Number(lanes), Number(seconds));
  process.stdout.write(`${JSON.stringify({ addsPerSecond })}\n`);
  await queue.close();
}

async function addFor(queue: Queue, lanes: number, seconds: number): Promise<number> {
  const startedMs = performance.now();
  const untilMs = startedMs + seconds * 1000;
  let added = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      await queue.add(
        'generate',
        { prompt: 'slice of pizza', seed: 7 },
        { removeOnComplete: true, removeOnFail: true },
      );
      added += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return added / ((performance.now() - startedMs) / 1000);
}

await main(process.argv.slice(2));
