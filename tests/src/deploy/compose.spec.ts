import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '@slipstream/server-kit';
import { parse } from 'yaml';
import { repositoryRoot } from '../harness/index.js';
import { configurations } from './built.js';
import { checkers } from './checkers.js';

const deploy = join(repositoryRoot, 'deploy');
/** The parser of PyPI's compose-spec refuses what the Compose specification does not know, units and shapes included. */
const validate = 'import sys, compose_spec as c; spec = c.PyCompose.from_json(sys.stdin.read()); spec.validate(); spec.to_spec()';

describe('deploy/compose.yaml', () => {
  let compose: any;
  let services: [string, any][];
  beforeAll(async () => {
    compose = parse(await readFile(join(deploy, 'compose.yaml'), 'utf8'), { merge: true });
    services = Object.entries(compose.services);
  });

  it('is what the Compose specification asks for', async () => {
    const { status, stderr } = spawnSync((await checkers())('python'), ['-c', validate], { input: JSON.stringify(compose), encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }, 300_000);

  it('has both Redis, an object store, Prometheus and Grafana beside the servers', () => {
    expect(services.map(([name]) => name).sort()).toEqual(['cache-redis', 'gateway', 'grafana', 'prometheus', 'queue-redis', 'seaweedfs', 'worker']);
  });

  it('refers to nothing that is not there: services, targets, volumes, files', async () => {
    const dockerfile = await readFile(join(deploy, 'Dockerfile'), 'utf8');
    for (const [, { depends_on = {}, build, volumes = [] }] of services) {
      for (const name of Array.isArray(depends_on) ? depends_on : Object.keys(depends_on)) expect(compose.services).toHaveProperty([name]);
      if (build) expect(dockerfile).toMatch(new RegExp(`^FROM \\S+ AS ${build.target}$`, 'm'));
      for (const source of volumes.map((each: string) => each.split(':')[0])) {
        if (source.startsWith('.')) expect(existsSync(join(deploy, source)), source).toBe(true);
        else expect(compose.volumes).toHaveProperty([source]);
      }
    }
  });

  it('names every image with a version, and opens ports to this machine alone', () => {
    for (const [, { image, ports = [] }] of services) {
      expect(image).toMatch(/^[a-z0-9./-]+:(?!latest)[\w.-]*\d[\w.-]*$/);
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    }
  });

  it('configures both servers with keys that one of them knows, and values that they take', async () => {
    const { gateway, worker } = await configurations();
    const known = [...Object.keys(gateway.shape), ...Object.keys(worker.shape)];
    for (const [name, schema] of [['gateway', gateway], ['worker', worker]] as const) {
      const { environment } = compose.services[name];
      expect(known).toEqual(expect.arrayContaining(Object.keys(environment).filter((key) => !key.startsWith('AWS_') && key !== 'ORT_DISABLE_TELEMETRY')));
      expect(parseConfig(schema, environment)).toMatchObject({ REDIS_URL: 'redis://queue-redis:6379', STORAGE_URL: 's3://slipstream/pictures' });
    }
  });

  it('lets a server finish: its grace is longer than drain and close', async () => {
    const { gateway } = await configurations();
    const { DRAIN_SECONDS } = parseConfig(gateway, {}) as { DRAIN_SECONDS: number };
    for (const name of ['gateway', 'worker']) expect(Number.parseInt(compose.services[name].stop_grace_period, 10)).toBeGreaterThan(DRAIN_SECONDS + 8);
  });
});
