import type { z } from 'zod';

/** One line a zod issue, each starting with the member it is about. */
export function describeIssues(issues: readonly z.core.$ZodIssue[]): string[] {
  return issues.map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`);
}
