import type { z } from 'zod';
import { describeIssues } from './describe-issues.js';
import type { SlipstreamError } from './slipstream-error.js';

export interface DocumentRules<T> {
  readonly schema: z.ZodType<T>;
  /** What is wrong between parts that are each right; none when all fit. */
  readonly contradictions: (document: T) => string[];
  /** The error that is thrown, made of every fault. */
  readonly invalid: (faults: string, cause?: unknown) => SlipstreamError;
}

/** Parses JSON text, holds it against its schema, and its parts against each other. Throws `invalid` naming every fault. */
export function parseDocument<T>(text: string, { schema, contradictions, invalid }: DocumentRules<T>): T {
  const result = schema.safeParse(parseJson(text, invalid));
  const faults = result.success ? contradictions(result.data) : describeIssues(result.error.issues);
  if (result.success && faults.length === 0) return result.data;
  throw invalid(faults.join('; '));
}

function parseJson(text: string, invalid: DocumentRules<unknown>['invalid']): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid('it is not JSON', cause);
  }
}
