import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** The built room in a process of its own: signals are for whole processes. */
const dist = new URL('../dist/', import.meta.url).href;

function run(body: string): Promise<{ code: number | null; output: string }> {
  const script = `
    const [{ Health }, { openLogger }, { runUntilSignal }] = await Promise.all(['health.js', 'log.js', 'run-until-signal.js'].map((file) => import('${dist}' + file)));
    const say = (text) => process.stdout.write(text + '\\n');
    const logger = openLogger({ service: 'test', level: 'info' });
    const health = new Health({ ready: {}, scrape: async () => ({ contentType: '', body: '' }) });
    health.serve();
    const alive = setInterval(() => {}, 1000);
    const open = (parts) => runUntilSignal({ logger, health, drainSeconds: 1, drain: async (ms) => say('drain ' + ms + ' ' + health.draining), close: async () => say('close'), ...parts });
    ${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

describe('runUntilSignal', () => {
  it('drains, closes and exits with 0 on SIGTERM, not ready from the start', async () => {
    const { code, output } = await run(`open({}); process.kill(process.pid, 'SIGTERM');`);
    expect(code).toBe(0);
    expect(output.match(/^(drain|close).*$/gm)).toEqual(['drain 1000 true', 'close']);
  });

  it('takes the same way after a fatal error, and exits with 1', async () => {
    const { code, output } = await run(`open({}).fail(new Error('the engine died'));`);
    expect([code, output.match(/^(drain|close).*$/gm)]).toEqual([1, ['drain 1000 true', 'close']]);
    expect(output).toContain('the engine died');
  });

  it('does not survive what nobody caught', async () => {
    expect((await run(`open({}); Promise.reject(new Error('nobody caught me'));`)).code).toBe(1);
  });

  it('exits with 1 when closing fails, and at once on a second signal', async () => {
    expect((await run(`open({ close: async () => { throw new Error('stuck') } }); process.kill(process.pid, 'SIGTERM');`)).code).toBe(1);
    expect((await run(`open({ drain: () => new Promise(() => {}) }); process.kill(process.pid, 'SIGINT'); setImmediate(() => process.kill(process.pid, 'SIGINT'));`)).code).toBe(1);
  });
});
