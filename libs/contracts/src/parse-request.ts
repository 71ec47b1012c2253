import type { z } from 'zod';
import { SlipstreamError } from './slipstream-error.js';

/**
 * Parses a body whose schema says in its own messages what each field must be; `ruleOf` does for parts that do not.
 * @throws SlipstreamError `invalid_request`; `param` is the first wrong field, the message names all of them.
 */
export function parseRequest<T>(schema: z.ZodType<T>, body: unknown, ruleOf: (path: readonly PropertyKey[]) => string | undefined = () => undefined): T {
  const result = schema.safeParse(body, { error: ({ path }) => ruleOf(path ?? []) });
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap(faultsOf);
  throw new SlipstreamError('invalid_request', faults.map(({ message }) => message).join('; '), { param: faults[0]?.param });
}

function faultsOf(issue: z.core.$ZodIssue): { param: string | undefined; message: string }[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(path === '' ? key : `${path}.${key}`));
  return [path === '' ? { param: undefined, message: 'the body must be a JSON object' } : { param: path, message: `${path} ${issue.message}` }];
}

function unknownField(name: string): { param: string; message: string } {
  const shown = name.slice(0, 64);
  return { param: shown, message: `${JSON.stringify(shown)} is not a field` };
}
