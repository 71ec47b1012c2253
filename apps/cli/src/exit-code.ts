import type { ErrorCode, SlipstreamError } from '@slipstream/contracts';

/** 130: stopped by the person; 3: the bundle is at fault; 2: the command line is; 1: anything else. */
export function exitCode({ code, httpStatus }: Pick<SlipstreamError, 'code' | 'httpStatus'>): number {
  if (code === 'generation_cancelled') return 130;
  if (code === ('bundle_invalid' satisfies ErrorCode)) return 3;
  return httpStatus < 500 ? 2 : 1;
}
