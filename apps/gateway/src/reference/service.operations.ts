import { z } from 'zod';
import { json, refusals, type Operations } from './operation.js';

const home = z.object({ service: z.string(), page: z.string(), model: z.string(), routes: z.record(z.string(), z.string()), example: z.record(z.string(), z.unknown()) });
const text = (contentType: string, description: string) => ({ description, content: { [contentType]: { schema: z.string() } } });

/** What is not of the API itself; nothing of it wants a key. */
export const serviceOperations: Operations = {
  '/': { get: { operationId: 'home', summary: 'What this service is', responses: { 200: json(home, 'Name, model, routes') } } },
  '/livez': { get: { operationId: 'live', summary: 'Whether this process should go on', responses: { 200: json(z.object({ status: z.literal('live') }), 'It should'), ...refusals('not_ready') } } },
  '/readyz': { get: { operationId: 'ready', summary: 'Whether it can be sent work', responses: { 200: json(z.object({ status: z.literal('ready') }), 'It can'), ...refusals('not_ready') } } },
  '/metrics': { get: { operationId: 'metrics', summary: 'For Prometheus', responses: { 200: text('text/plain', 'Prometheus’ text format') } } },
  '/openapi.json': { get: { operationId: 'openapi', summary: 'This document', responses: { 200: json(z.looseObject({ openapi: z.string() }), 'OpenAPI 3.1') } } },
  '/reference': { get: { operationId: 'reference', summary: 'This document, to be read', responses: { 200: text('text/html', 'A page without scripts or anything from elsewhere') } } },
};
