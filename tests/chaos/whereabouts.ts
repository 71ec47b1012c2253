import { Redis } from 'ioredis';

/** What Redis knows of jobs that never came to an end, a line each: for whoever looks for the reason. */
export async function whereabouts({ redisUrl, prefix }: { redisUrl: string; prefix: string }, ids: readonly string[]): Promise<string[]> {
  const redis = new Redis(redisUrl);
  const queue = `${prefix}:generations`;
  const lines = await Promise.all(ids.map(async (id) => {
    const { job: _job, checkpoints: _checkpoints, ...record } = await redis.hgetall(`${prefix}:generation:${id}`);
    const [bull, lock, wait, active, delayed, stalled] = await Promise.all([
      redis.hgetall(`${queue}:${id}`), redis.pttl(`${queue}:${id}:lock`), redis.lpos(`${queue}:wait`, id), redis.lpos(`${queue}:active`, id),
      redis.zscore(`${queue}:delayed`, id), redis.sismember(`${queue}:stalled`, id),
    ]);
    return `${id}: lost: ${JSON.stringify({ record, bull, lock, wait, active, delayed, stalled, now: Date.now() })}`;
  }));
  redis.disconnect();
  return lines;
}
