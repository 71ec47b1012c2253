import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SlipstreamError, type AuditEvent } from '@slipstream/contracts';
import { KeyStore } from '@slipstream/queue';

/** What happened, to be written with whatever it changes. */
export type Deed = Pick<AuditEvent, 'action' | 'subject' | 'tenant' | 'details'>;

/** The event of a deed that a request asks for. */
export const eventOf = ({ actor, ip, id }: Pick<FastifyRequest, 'actor' | 'ip' | 'id'>, deed: Deed): AuditEvent => ({ atMs: Date.now(), actor, from: ip, requestId: id, ...deed });

/** Reads back what administrators did. */
@Injectable()
export class AuditTrail {
  constructor(@Inject(KeyStore) private readonly store: Pick<KeyStore, 'audit'>) {}

  /** A page, the latest first. @throws SlipstreamError `invalid_request` */
  async page({ limit = '100', before }: { limit?: unknown; before?: unknown }) {
    const count = /^\d{1,4}$/.test(String(limit)) ? Number(limit) : 0;
    if (count < 1 || count > 1_000) throw new SlipstreamError('invalid_request', 'limit must be a whole number from 1 to 1000', { param: 'limit' });
    if (before !== undefined && !/^\d{1,16}-\d{1,16}$/.test(String(before))) throw new SlipstreamError('invalid_request', 'before must be the id of an event', { param: 'before', remedy: 'use the last id of the page before' });
    const events = await this.store.audit({ limit: count + 1, ...(before !== undefined && { before: String(before) }) });
    return { object: 'list' as const, data: events.slice(0, count).map(eventObject), has_more: events.length > count };
  }
}

const eventObject = ({ id, event: { atMs, actor, from, requestId, action, subject, tenant, details } }: { id: string; event: AuditEvent }) =>
  ({ id, object: 'audit_event' as const, created_at: Math.floor(atMs / 1000), actor, from, request_id: requestId, action, subject, tenant, details });
