import { createHash } from 'node:crypto';

/** Whether a picture is in the share that is drawn for a purpose; the same picture always, whichever worker asks. */
export function drawn(picture: string, { share, purpose }: { share: number; purpose: string }): boolean {
  const lot = createHash('sha256').update(`${purpose} ${picture}`).digest().readUIntBE(0, 6);
  return lot < share * 2 ** 48;
}
