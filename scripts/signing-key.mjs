// The key that signs picture links: made up once, kept beside the pictures.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './processes.mjs';

/** SIGNING_KEY of the environment, else the one under .slipstream/, made now if there is none. */
export function signingKey() {
  if (process.env.SIGNING_KEY) return process.env.SIGNING_KEY;
  const folder = join(repositoryRoot, '.slipstream');
  const file = join(folder, 'signing-key');
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
