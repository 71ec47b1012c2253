// promtool, which checks what /metrics says: unpacked from Debian's package, without its services.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasCommand, repositoryRoot, run, say } from './processes.mjs';

const folder = join(repositoryRoot, '.slipstream', 'prometheus');
const unpacked = join(folder, 'usr', 'bin', 'promtool');

/** Path of promtool, or undefined (said aloud) where neither the PATH nor Debian has it. */
export async function providePromtool() {
  if (hasCommand('promtool')) return 'promtool';
  if (existsSync(unpacked)) return unpacked;
  if (!hasCommand('apt-get') || !hasCommand('dpkg-deb')) return without('there is no apt-get');
  say('fetching promtool (apt-get download prometheus)');
  try {
    await fetchPackage();
    return unpacked;
  } catch (error) {
    return without(error.message);
  }
}

async function fetchPackage() {
  mkdirSync(folder, { recursive: true });
  const download = () => run('apt-get', ['download', '-qq', 'prometheus'], { cwd: folder });
  await download().catch(async () => {
    await run('apt-get', ['update', '-qq']);
    await download();
  });
  const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
  await run('dpkg-deb', ['-x', join(folder, archive), folder]);
}

function without(reason) {
  say(`no promtool (${reason}): the metrics are not held against it; install Prometheus to have them checked`);
  return undefined;
}
