import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { SlipstreamError } from '@slipstream/contracts';
import { bearerIn } from '../keys/doorkeeper.js';
import { sha256 } from '../keys/secret.js';

/** Who may administer, and the digest of their secret. */
export interface Credential {
  readonly name: string;
  readonly sha256: Buffer;
}

const shape = /^([A-Za-z0-9._-]{1,64}):(\S{32,256})$/;

/** Environment key: `name:secret`, several separated by commas. */
export const credentialsKey = z.string().transform((text, context): Credential[] => {
  const found = text.split(',').map((part) => shape.exec(part.trim()));
  if (found.every((match) => match !== null)) return found.map(([, name, secret]) => ({ name: name!, sha256: sha256(secret!) }));
  context.addIssue('must be name:secret, several separated by commas, each secret of 32 to 256 characters');
  return z.NEVER;
});

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of the credential that was shown at the admin door. */
    actor: string;
  }
}

/** Lets nobody in without a credential, whatever the address. `onRefusal` is told where the others came from. */
export function guardAdmin(server: FastifyInstance, { credentials, onRefusal }: { credentials: readonly Credential[]; onRefusal: (from: string) => void }): void {
  server.decorateRequest('actor', '');
  server.addHook('onRequest', async (request) => {
    const actor = holderOf(bearerIn(request.headers.authorization) ?? '', credentials);
    if (actor === undefined) {
      onRefusal(request.ip);
      throw new SlipstreamError('invalid_api_key', 'the admin credential is missing or not valid', { param: 'Authorization', remedy: 'send a secret of ADMIN_KEYS as "Authorization: Bearer <secret>"' });
    }
    request.actor = actor;
  });
}

/** Compares with every credential, so that the time tells nothing. */
function holderOf(secret: string, credentials: readonly Credential[]): string | undefined {
  const digest = sha256(secret);
  return credentials.filter((credential) => timingSafeEqual(credential.sha256, digest))[0]?.name;
}
