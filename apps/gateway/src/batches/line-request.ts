import type { BatchFault } from '@slipstream/contracts';
import type { Line } from './lines.js';

/** What a line asks for. */
export interface LineRequest {
  readonly customId: string;
  /** As the endpoint would be sent it. */
  readonly body: object;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The request of a line, or why it is none. Whether its body is one is for the endpoint to say. */
export function requestIn({ number, text }: Line, endpoint: string): LineRequest | BatchFault {
  const fault = (code: string, message: string, param: string | null = null): BatchFault => ({ code, line: number, message, param });
  if (text === undefined) return fault('invalid_json_line', 'This line is longer than a request may be, or not UTF-8.');
  const line = parsed(text);
  if (!isObject(line)) return fault('invalid_json_line', 'This line is not a JSON object.');
  const missing = ['custom_id', 'method', 'url', 'body'].find((name) => line[name] === undefined || line[name] === null);
  if (missing !== undefined) return fault('missing_required_parameter', `This line has no "${missing}".`, missing);
  const { custom_id: customId, method, url, body } = line;
  if (typeof customId !== 'string' || customId.length === 0 || customId.length > 512) return fault('invalid_custom_id', '"custom_id" must be a text of 1 to 512 characters.', 'custom_id');
  if (method !== 'POST') return fault('invalid_method', '"method" must be POST.', 'method');
  if (url !== endpoint) return fault('invalid_url', `"url" must be ${endpoint}, the endpoint of the batch.`, 'url');
  if (!isObject(body)) return fault('invalid_body', '"body" must be an object.', 'body');
  return { customId, body };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
