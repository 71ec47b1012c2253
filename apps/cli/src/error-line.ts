import type { SlipstreamError } from '@slipstream/contracts';

/** One line for the person at the terminal: the fields of a request are options here. No stack, no control characters. */
export function errorLine({ message }: Pick<SlipstreamError, 'message'>): string {
  const asOptions = message
    .replace(/\bacceleration\.([a-z]+)/g, '--$1')
    .replace(/\boutput_format\b/g, 'format of --out');
  return `slipstream: ${asOptions.replace(/\p{Cc}+/gu, ' ').trim()}`;
}
