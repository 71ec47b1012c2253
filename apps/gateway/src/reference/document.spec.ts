import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { describe, expect, it } from 'vitest';
import { errorTable } from '@slipstream/contracts';
import { GatewayModule, type GatewayParts } from '../gateway.module.js';
import { apiDocument } from './document.js';
import { referencePage } from './reference-page.js';

/** Every route of a controller as OpenAPI writes it: `GET /v1/generations/{id}`. */
function routesOf(controller: Type): string[] {
  const handlers = Object.getOwnPropertyNames(controller.prototype).map((name) => controller.prototype[name] as object);
  return handlers.filter((handler) => Reflect.hasMetadata(METHOD_METADATA, handler)).map((handler) => {
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number];
    const parts = [Reflect.getMetadata(PATH_METADATA, controller), Reflect.getMetadata(PATH_METADATA, handler)] as string[];
    const path = parts.flatMap((part) => part.split('/')).filter((part) => part !== '').join('/');
    return `${method} /${path.replace(/:(\w+)/g, '{$1}')}`;
  });
}

const routes = (GatewayModule.of({} as GatewayParts).controllers as Type[]).flatMap(routesOf).sort();
const operations = Object.entries(apiDocument.paths!).flatMap(([path, methods]) => Object.entries(methods as object).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, path, operation })));

describe('the document', () => {
  it('has every route of the gateway and no other', () => {
    expect(routes.length).toBeGreaterThan(10);
    expect(operations.map(({ route }) => route).sort()).toEqual(routes);
  });

  it.each(operations)('wants a key for $route exactly where the doorkeeper does', ({ path, operation }) => {
    const locked = path.startsWith('/v1/') && !path.startsWith('/v1/pictures/') && path !== '/v1/datasets/{id}/files/{file}';
    expect(operation.security !== undefined).toBe(locked);
    expect(operation.responses[401] !== undefined).toBe(locked);
  });

  it('wants the scope that the doorkeeper does', () => {
    for (const { route, operation } of operations.filter((each) => each.operation.security)) expect(operation.security[0].apiKey).toEqual([route.startsWith('GET') ? 'read' : 'write']);
  });

  it('describes every field of a request in words', () => {
    const { properties } = apiDocument.components!.schemas!['GenerationRequest'] as any;
    for (const [name, field] of Object.entries<any>({ ...properties, ...properties.acceleration.properties })) expect(field.description, name).toMatch(/\S/);
  });

  it.each(operations)('tells of $route what is said to who does not get as far as a request, and the headers of each refusal', ({ operation }) => {
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['400', '408', '431']));
    for (const [status, { headers = {} }] of Object.entries<any>(operation.responses).filter(([each]) => Number(each) >= 400)) {
      const special = { 401: ['www-authenticate'], 429: ['retry-after'], 503: ['retry-after'] }[status] ?? [];
      expect([status, ...Object.keys(headers)]).toEqual([status, 'x-request-id', 'x-should-retry', ...special]);
    }
  });

  it('files each error code under its own status', () => {
    for (const { operation } of operations) {
      for (const [status, { description }] of Object.entries<any>(operation.responses)) {
        for (const [, code] of description.matchAll(/`(\w+)`: /g)) expect(errorTable[code as keyof typeof errorTable].httpStatus, code).toBe(Number(status));
      }
    }
  });
});

describe('the page', () => {
  const page = referencePage(apiDocument);

  it('has every operation and schema, and no link that leads nowhere', () => {
    for (const { operation } of operations) expect(page).toContain(`id="${operation.operationId}"`);
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((id) => !ids.has(id))).toEqual([]);
  });

  it('has no script and fetches nothing', () => {
    expect(page).not.toMatch(/<script|<link|<img|src=|@import|url\(|https?:/i);
  });
});
