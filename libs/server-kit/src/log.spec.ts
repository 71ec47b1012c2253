import { describe, expect, it } from 'vitest';
import { SlipstreamError } from '@slipstream/contracts';
import { NestLogger, openLogger, withLogIds } from './log.js';

function recorded(level = 'debug') {
  const lines: string[] = [];
  const logger = openLogger({ service: 'test', level, destination: { write: (line) => void lines.push(line) } });
  return { logger, lines, last: () => JSON.parse(lines.at(-1)!) as Record<string, unknown> };
}

describe('openLogger', () => {
  it('writes one JSON object a line, with the ids of the request and the job at hand', async () => {
    const { logger, last } = recorded();
    await withLogIds({ requestId: 'r-1' }, async () => {
      await Promise.resolve();
      withLogIds({ jobId: 'gen-1' }, () => logger.info('made'));
    });
    expect(last()).toMatchObject({ level: 'info', service: 'test', requestId: 'r-1', jobId: 'gen-1', msg: 'made' });
    logger.info('later');
    expect(last()).not.toHaveProperty('requestId');
  });

  it('hides passwords, signatures and authorization, also deep in a cause', () => {
    const { logger, lines } = recorded();
    const cause = new Error('connect redis://me:hunter2@host failed for http://h/v1/p?expires=1&signature=abcdef');
    logger.error({ err: new SlipstreamError('queue_unavailable', 'gone', { cause }), headers: { authorization: 'Bearer hunter2' } }, 'lost');
    expect(lines.join()).not.toMatch(/hunter2|abcdef/);
    expect(lines.join()).toContain('host failed');
  });

  it('keeps what Nest says of itself out of info', () => {
    const { logger, lines } = recorded('info');
    new NestLogger(logger).log('Mapped {/livez, GET} route', 'RouterExplorer');
    expect(lines).toEqual([]);
    new NestLogger(logger).error(new Error('boom'));
    expect(lines.join()).toContain('boom');
  });
});
