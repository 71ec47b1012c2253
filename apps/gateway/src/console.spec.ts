import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from '@slipstream/server-kit';
import { expect, it } from 'vitest';
import { serveConsole } from './console.js';

it('a gateway whose page is not built says so and goes on', async () => {
  const said: unknown[] = [];
  const logger = { warn: (...words: unknown[]) => void said.push(words) } as unknown as Logger;
  await serveConsole({} as NestFastifyApplication, { logger, folder: '/nowhere/' });
  expect(said).toEqual([[{ folder: '/nowhere/' }, 'there is no page at /console: it is not built (npm run build)']]);
});
