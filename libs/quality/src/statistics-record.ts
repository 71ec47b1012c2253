import { describeIssues, SlipstreamError } from '@slipstream/contracts';
import { z } from 'zod';

const whole = z.string().regex(/^-?\d+$/, 'a whole number in decimal');

const statisticsRecord = z
  .object({
    /** sha256 of the image graph that made the features, hex. */
    scorer: z.string().min(1),
    channels: z.int().positive(),
    count: z.int().nonnegative(),
    /** Of rounded features, (channels); whole numbers of 2^-16. */
    sums: z.array(whole),
    /** Of their products, the upper triangle row by row; whole numbers of 2^-32. */
    products: z.array(whole),
  })
  .refine(({ channels, sums }) => sums.length === channels, { path: ['sums'], message: 'not one for each channel' })
  .refine(({ channels, products }) => products.length === (channels * (channels + 1)) / 2, { path: ['products'], message: 'not one for each pair of channels' });

/** The JSON form of running statistics: what crosses a process. */
export type StatisticsRecord = z.infer<typeof statisticsRecord>;

/** Throws SlipstreamError `bundle_invalid`, naming every wrong member. */
export function parseStatistics(value: unknown): StatisticsRecord {
  const result = statisticsRecord.safeParse(value);
  if (result.success) return result.data;
  const remedy = 'drop the stored statistics and collect them again';
  throw new SlipstreamError('bundle_invalid', `running statistics: ${describeIssues(result.error.issues).join('; ')}`, { param: 'statistics', remedy });
}
