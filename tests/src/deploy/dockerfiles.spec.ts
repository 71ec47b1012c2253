import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../harness/index.js';
import { checkers } from './checkers.js';

const files = ['deploy/Dockerfile', 'deploy/bundle.Dockerfile'];

describe.each(files)('%s', (file) => {
  const text = readFileSync(join(repositoryRoot, file), 'utf8');
  const stages = text.split(/^FROM /m).slice(1);

  it('has nothing that hadolint would rather see otherwise', async () => {
    const { stdout } = spawnSync((await checkers())('hadolint'), ['--no-color', '--failure-threshold', 'style', join(repositoryRoot, file)], { encoding: 'utf8' });
    expect(stdout).toBe('');
  }, 300_000);

  it('builds on pinned images, and runs as nobody special', () => {
    const named = new Set(stages.flatMap((stage) => /^\S+ AS (\S+)/.exec(stage)?.[1] ?? []));
    for (const base of stages.map((stage) => stage.split(/\s/)[0]!)) if (!named.has(base)) expect(base).toMatch(/:\d+\.\d+\.\d+[\w.-]*$/);
    for (const stage of stages.filter((each) => /^(CMD|USER)/m.test(each))) expect(stage).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
  });
});

describe('deploy/Dockerfile', () => {
  const text = readFileSync(join(repositoryRoot, 'deploy/Dockerfile'), 'utf8');

  it('starts what is built, with what .dockerignore lets in', () => {
    const commands = [...text.matchAll(/^CMD (\[.*\])$/gm)].map(([, list]) => JSON.parse(list!) as string[]);
    expect(commands).toEqual([['node', 'apps/gateway/dist/main.js'], ['node', 'apps/worker/dist/main.js'], ['node', 'apps/worker/dist/main.js']]);
    const letIn = readFileSync(join(repositoryRoot, '.dockerignore'), 'utf8').split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const read = ['package.json', 'package-lock.json', '.npmrc', 'tsconfig.base.json', 'tests/package.json', 'apps', 'libs', 'bundles'];
    expect(letIn).toEqual(expect.arrayContaining(read));
  });

  it('carries the manifest of every package that the lockfile links', () => {
    const { packages } = JSON.parse(readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8')) as { packages: Record<string, { link?: boolean }> };
    const linked = Object.keys(packages).filter((path) => path !== '' && !path.startsWith('node_modules/') && !path.includes('/node_modules/'));
    for (const path of linked) expect(path).toMatch(/^((apps|libs)\/[a-z-]+|tests)$/);
  });
});
