import type { Allowance } from '@slipstream/queue';
import { secondsUntil } from '@slipstream/admission';

/**
 * draft-ietf-httpapi-ratelimit-headers-10, and the older names that OpenAI's clients read. The policy is a bucket that
 * holds a minute's worth; `t` is when it would be full.
 */
export function rateLimitHeaders({ limit, remaining }: Allowance): Record<string, string> {
  const fullInSeconds = Math.ceil(secondsUntil(limit, { tokens: remaining }, limit));
  return {
    'ratelimit-policy': `"requests";q=${limit};w=60`,
    ratelimit: `"requests";r=${remaining};t=${fullInSeconds}`,
    'x-ratelimit-limit-requests': String(limit),
    'x-ratelimit-remaining-requests': String(remaining),
    'x-ratelimit-reset-requests': `${fullInSeconds}s`,
  };
}
