import { interquartileRange, median } from 'simple-statistics';

/** A repeated measurement: the middle value and how far the middle half of the values spreads. */
export interface Spread {
  readonly median: number;
  /** Interquartile range, in the unit of the values. */
  readonly iqr: number;
  readonly repetitions: number;
}

/** Median and interquartile range. Throws a RangeError for an empty list. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('no values to summarise');
  const copy = [...values];
  return { median: median(copy), iqr: values.length < 2 ? 0 : interquartileRange(copy), repetitions: values.length };
}
