import { createHash } from 'node:crypto';
import { mostBatchLines, type BatchFault } from '@slipstream/contracts';
import { requestIn } from './line-request.js';
import type { Line } from './lines.js';

/** So many faults are told, and no more looked for. */
const mostFaults = 100;

/** How many requests a file has, or what keeps it from being a batch. Remembers a digest of each `custom_id` and nothing else. */
export async function checkInput(lines: AsyncIterable<Line>, endpoint: string): Promise<{ total: number } | { faults: BatchFault[] }> {
  const seen = new Map<string, number>();
  const faults: BatchFault[] = [];
  let total = 0;
  for await (const line of lines) {
    total += 1;
    if (total > mostBatchLines) faults.push({ code: 'too_many_requests', line: line.number, message: `A batch has at most ${mostBatchLines} requests.`, param: null });
    else faults.push(...faultsOf(line, { endpoint, seen }));
    if (total > mostBatchLines || faults.length >= mostFaults) break;
  }
  if (total === 0) faults.push({ code: 'empty_file', line: null, message: 'The input file has no requests.', param: 'input_file_id' });
  return faults.length > 0 ? { faults } : { total };
}

function faultsOf(line: Line, { endpoint, seen }: { endpoint: string; seen: Map<string, number> }): BatchFault[] {
  const request = requestIn(line, endpoint);
  if ('code' in request) return [request];
  const name = createHash('sha256').update(request.customId).digest('base64url');
  const before = seen.get(name);
  if (before === undefined) seen.set(name, line.number);
  return before === undefined ? [] : [{ code: 'duplicate_custom_id', line: line.number, message: `This "custom_id" is that of line ${before}.`, param: 'custom_id' }];
}
