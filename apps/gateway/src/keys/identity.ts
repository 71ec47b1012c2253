import type { Scope, Tenant } from '@slipstream/contracts';

/** Whom a request comes from, once the doorkeeper has let it in. */
export interface Identity {
  readonly tenant: Tenant;
  readonly scopes: readonly Scope[];
  /** Whose requests are counted together against the rate: the tenant's, or those of a key with a rate of its own. */
  readonly bucket: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** null where no key is asked for. */
    identity: Identity | null;
  }
}
