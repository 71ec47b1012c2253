// node_modules as the lockfile says, and everything built.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DoorError, repositoryRoot, run, runNode, say } from './processes.mjs';

/** Installs when node_modules is missing or older than the lockfile, then builds. */
export async function installAndBuild() {
  checkNode();
  if (missingFrom(packagesIn('node_modules/.package-lock.json'), packagesIn('package-lock.json')).length > 0) {
    say('installing dependencies (npm ci)');
    await run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  say('building');
  await runNode('node_modules/typescript/bin/tsc', ['-b']);
  await runNode('node_modules/vite/bin/vite.js', ['build', 'apps/console', '--logLevel', 'warn']);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new DoorError(`this is Node ${process.versions.node}; install Node 20.19 or newer`);
}

/** Paths of packages that the lockfile asks for and that are missing, or there in another version; optional ones may be. */
export function missingFrom(present, wanted) {
  return Object.entries(wanted)
    .filter(([path, { version, optional, link }]) => path.startsWith('node_modules/') && !optional && !(link ? present[path] : present[path]?.version === version))
    .map(([path]) => path);
}

function packagesIn(lockfile) {
  try {
    return JSON.parse(readFileSync(join(repositoryRoot, lockfile), 'utf8')).packages ?? {};
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return {};
    throw error;
  }
}
