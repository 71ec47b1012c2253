import { describe, expect, it } from 'vitest';
import { Health } from './health.js';

const scrape = async () => ({ contentType: 'text/plain', body: '' });

describe('Health', () => {
  it('is ready only between serve and drain, whatever comes after', async () => {
    const health = new Health({ ready: {}, scrape });
    await expect(health.ready()).rejects.toMatchObject({ code: 'not_ready', httpStatus: 503, message: expect.stringContaining('starting') });
    health.serve();
    await expect(health.ready()).resolves.toBeUndefined();
    health.drain();
    health.serve();
    await expect(health.ready()).rejects.toMatchObject({ message: expect.stringContaining('draining') });
    expect(() => health.live()).not.toThrow();
  });

  it('names every check that fails, and recovers with them', async () => {
    let down = true;
    const health = new Health({ ready: { redis: async () => { if (down) throw new Error('refused at :6379'); }, storage: async () => { if (down) throw new Error('disk full'); }, engine: async () => {} }, scrape });
    health.serve();
    await expect(health.ready()).rejects.toMatchObject({ message: 'redis: refused at :6379; storage: disk full' });
    down = false;
    await expect.poll(() => health.ready().then(() => 'ready', () => 'not'), { timeout: 5_000 }).toBe('ready');
  });

  it('takes silence for an answer, after two seconds', async () => {
    const health = new Health({ ready: { redis: () => new Promise(() => {}) }, scrape });
    health.serve();
    await expect(health.ready()).rejects.toMatchObject({ message: expect.stringMatching(/redis: no answer within 2000 ms/) });
  });

  it('is not live when only a restart helps', () => {
    const health = new Health({ ready: {}, live: () => 'jobs wait, none is fetched', scrape });
    expect(() => health.live()).toThrow(expect.objectContaining({ code: 'not_ready', httpStatus: 503 }));
  });
});
