import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '@slipstream/contracts';

type Secret = ApiKey['secrets'][number];

const shape = /^slip_([0-9a-f]{16})_[0-9a-f]{64}$/;
const nobody = Buffer.alloc(32);

export const newKeyId = (): string => `key_${randomBytes(8).toString('hex')}`;

/** A secret of 256 random bits for a key, `slip_<the key's id>_<64 hex digits>`, and what is kept of it. */
export function newSecret(keyId: string, createdAtMs: number): { text: string; kept: Secret } {
  const text = `slip_${keyId.slice('key_'.length)}_${randomBytes(32).toString('hex')}`;
  return { text, kept: { sha256: sha256(text).toString('hex'), hint: text.slice(-4), createdAtMs } };
}

/** Which key a text claims to be a secret of; undefined for what has not the form of one. */
export function claimedKeyId(text: string): string | undefined {
  const id = shape.exec(text)?.[1];
  return id === undefined ? undefined : `key_${id}`;
}

/** The one among the secrets that the text is. The same work whether there are any. */
export function matchingSecret(text: string, secrets: readonly Secret[]): Secret | undefined {
  const digest = sha256(text);
  const candidates = secrets.length > 0 ? secrets.map((secret) => Buffer.from(secret.sha256, 'hex')) : [nobody];
  return secrets[candidates.findIndex((candidate) => timingSafeEqual(candidate, digest))];
}

export const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
