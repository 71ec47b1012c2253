import { errorTable, problem, type ErrorCode } from '@slipstream/contracts';
import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject, ZodOpenApiResponsesObject } from 'zod-openapi';

/** Operations of one room, by path and method. */
export type Operations = ZodOpenApiPathsObject;

/** An answer in JSON. */
export const json = (schema: z.ZodType, description: string) => ({ description, content: { 'application/json': { schema } } });

/** What a locked route may answer before it looks at anything else: `invalid_request` is of an address with a part that no router takes, at the least. */
const locked: readonly ErrorCode[] = ['invalid_request', 'api_key_missing', 'invalid_api_key', 'api_key_expired', 'api_key_revoked', 'insufficient_scope', 'tenant_suspended', 'queue_unavailable', 'internal_error'];

/** What one that writes may answer as well: a body is read before it is known whether any is asked for. */
const written: readonly ErrorCode[] = ['invalid_json', 'body_too_large', 'unsupported_media_type'];

/** A route under `/v1`: its key's scope, and the refusals that it shares with the others. */
export const withKey = (scope: 'read' | 'write', ...codes: ErrorCode[]): { security: { apiKey: string[] }[]; refusals: ZodOpenApiResponsesObject } => ({
  security: [{ apiKey: [scope] }],
  refusals: refusals(...locked, ...(scope === 'write' ? written : []), ...codes),
});

/** The responses of these errors, by status. */
export function refusals(...codes: ErrorCode[]): ZodOpenApiResponsesObject {
  const statuses = [...new Set(codes.map((code) => errorTable[code].httpStatus))].sort();
  return Object.fromEntries(statuses.map((status) => {
    const those = [...new Set(codes)].filter((code) => errorTable[code].httpStatus === status);
    return [String(status), { description: those.map((code) => `\`${code}\`: ${errorTable[code].title}`).join('; '), headers: headersOf(status), content: { 'application/problem+json': { schema: problem } } }];
  }));
}

/** What any address answers to who does not get as far as a request. */
const unread = refusals('invalid_request', 'request_timeout', 'headers_too_large');

/** Operations with what each of them may answer. */
export const completed = (operations: Operations): Operations =>
  Object.fromEntries(Object.entries(operations).map(([path, methods]) => [path, Object.fromEntries(Object.entries(methods as Methods).map(([method, operation]) => [method, { ...operation, responses: { ...unread, ...operation.responses } }]))]));

type Methods = Readonly<Record<string, ZodOpenApiOperationObject>>;

function headersOf(status: number): z.ZodObject {
  return z.object({
    'x-request-id': z.string(),
    'x-should-retry': z.enum(['true', 'false']).meta({ description: 'Whether the same request may succeed later' }),
    ...((status === 429 || status === 503) && { 'retry-after': z.string().meta({ description: 'Seconds until then' }) }),
    ...(status === 401 && { 'www-authenticate': z.string() }),
  });
}
