import { z } from 'zod';
import { errorTable, type ErrorCode } from './error-table.js';

/** Body of every answer that is an error: RFC 9457's members, and OpenAI's `error`. */
export const problem = z.object({
  type: z.string().meta({ description: '`urn:slipstream:error:<code>`' }),
  title: z.string(),
  status: z.int(),
  detail: z.string().meta({ description: 'What is wrong and what to do about it' }),
  instance: z.string().meta({ description: 'Path of the request' }),
  request_id: z.string(),
  error: z.object({
    message: z.string(),
    type: z.string().meta({ description: 'OpenAI’s: `invalid_request_error`, `rate_limit_error` or `server_error`' }),
    param: z.string().nullable().meta({ description: 'The field that is wrong' }),
    code: z.enum(Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]),
  }),
}).meta({ id: 'Problem', description: 'An error, as RFC 9457 has it and as OpenAI’s clients read it' });

export type Problem = z.infer<typeof problem>;
