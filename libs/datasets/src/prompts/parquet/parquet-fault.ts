/** What is wrong with the bytes of a Parquet file, as the end of a sentence that names the file. */
export class ParquetFault extends Error {}

export function claim(holds: boolean, fault: string): asserts holds {
  if (!holds) throw new ParquetFault(fault);
}
