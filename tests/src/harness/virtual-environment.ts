import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runToEnd } from './run-to-end.js';
import { repositoryRoot } from './start-server.js';

/**
 * Path of a binary program of a Python virtual environment under `.slipstream/`, which is set up on first use. Needs Python 3.9
 * or later and a package index. `name` changes with the requirements: an environment that is there is taken as it is.
 * Scripts name the folder that they were installed in, which has moved: run them with `python -m`.
 */
export async function virtualEnvironment(name: string, requirements: readonly string[]): Promise<(program: string) => string> {
  const home = join(repositoryRoot, '.slipstream', name);
  if (!existsSync(home)) await install(home, requirements);
  return (program) => join(home, 'bin', program);
}

async function install(home: string, requirements: readonly string[]): Promise<void> {
  const making = `${home}.${process.pid}`;
  await mkdir(dirname(home), { recursive: true });
  await runToEnd('python3', ['-m', 'venv', making]);
  await runToEnd(join(making, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements]);
  await rename(making, home).catch(() => rm(making, { recursive: true })); // another run was first
}
