import { loadConfig, serverConfig } from '@slipstream/server-kit';
import { GenerationQueue } from '@slipstream/queue';
import { askOperator } from './operator.js';

// For operators: `npm run jobs -- failed | retry <id>…`, with the servers' REDIS_URL and QUEUE_PREFIX.
const { REDIS_URL, QUEUE_PREFIX, RESULT_TTL_SECONDS } = loadConfig(serverConfig);
const queue = new GenerationQueue({ redisUrl: REDIS_URL, prefix: QUEUE_PREFIX, recordTtlSeconds: RESULT_TTL_SECONDS });
process.exitCode = await askOperator(process.argv.slice(2), { queue, say: (line) => void process.stdout.write(`${line}\n`) });
await queue.close();
