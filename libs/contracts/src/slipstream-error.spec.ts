import { describe, expect, it } from 'vitest';
import { SlipstreamError, errorReport } from './slipstream-error.js';

describe('SlipstreamError', () => {
  it('joins the remedy to the message and looks its status up', () => {
    const error = new SlipstreamError('storage_full', 'no room', { remedy: 'free some' });
    expect(error).toMatchObject({ message: 'no room; free some', httpStatus: 507, retryable: true });
  });

  it('survives a process border as a report, without stack or cause', () => {
    const error = new SlipstreamError('invalid_request', 'n is wrong', { param: 'n', cause: new Error('secret') });
    const report = errorReport.parse(JSON.parse(JSON.stringify(error.toReport())));
    expect(report).toEqual({ code: 'invalid_request', message: 'n is wrong', param: 'n' });
    expect(SlipstreamError.fromReport(report)).toMatchObject({ code: 'invalid_request', param: 'n' });
  });

  it('hides passwords and signatures in addresses', () => {
    const error = new SlipstreamError('queue_unavailable', 'redis://me:hunter2@host:6379 and http://h/p?expires=1&signature=abc&X-Amz-Credential=AKIA');
    expect(error.message).not.toMatch(/hunter2|abc|AKIA/);
    expect(error.message).toContain('host:6379');
  });

  it('wraps what strangers throw without showing it, and passes its own', () => {
    const own = new SlipstreamError('not_ready', 'loading');
    expect(SlipstreamError.from(own)).toBe(own);
    const wrapped = SlipstreamError.from(new Error('ECONNRESET 10.0.0.1'));
    expect(wrapped).toMatchObject({ code: 'internal_error', cause: expect.any(Error) });
    expect(wrapped.message).not.toContain('ECONNRESET');
  });
});
