// Debian packages that the door needs: installed when it may (root, apt), else named to the person.
import { existsSync } from 'node:fs';
import { DoorError, hasCommand, run, say } from './processes.mjs';

const mayInstall = () => process.getuid?.() === 0 && hasCommand('apt-get');

/** Installs Debian packages. Throws a DoorError with `otherwise`, what to do by hand, where it may not. */
export async function installPackages(names, otherwise) {
  if (!mayInstall()) throw new DoorError(otherwise);
  say(`installing ${names.join(', ')} (apt-get)`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env });
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], { env });
}

/** Makes sure that a command is there, from the Debian package that brings it. */
export async function ensureCommand(command, { from, otherwise }) {
  if (!hasCommand(command)) await installPackages([from], otherwise);
}

/** Makes sure that files are there, each from the Debian package that brings it: `{ package: path }`. */
export async function ensureFiles(files, otherwise) {
  const missing = Object.keys(files).filter((name) => !existsSync(files[name]));
  if (missing.length > 0) await installPackages(missing, otherwise);
}
