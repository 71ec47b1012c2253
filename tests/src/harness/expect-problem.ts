import { expect } from 'vitest';
import type { Answer } from './ask.js';

/** Holds an error answer to both of its shapes, and to what no answer may contain. */
export function expectProblem({ status, headers, body }: Answer, expected: { status: number; code: string; param?: string | null; says?: RegExp }): void {
  expect({ status, code: body?.error?.code, detail: body?.detail }).toMatchObject({ status: expected.status, code: expected.code });
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(headers.get('x-request-id')).toBe(body.request_id);
  expect(body).toMatchObject({
    type: `urn:slipstream:error:${expected.code}`,
    title: expect.stringMatching(/\S/),
    status: expected.status,
    detail: expect.stringMatching(/\S/),
    instance: expect.stringMatching(/^\//),
    error: { message: expect.stringMatching(/\S/), type: expect.stringMatching(/_error$/), code: expected.code },
  });
  if (expected.param !== undefined) expect(body.error.param).toBe(expected.param);
  if (expected.says) expect(body.detail).toMatch(expected.says);
  expect(JSON.stringify(body)).not.toMatch(/\\n\s+at |node_modules|\.js:\d+/);
  expect(JSON.stringify(body).length).toBeLessThan(4_000);
}
