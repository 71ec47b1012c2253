// Python with virtual environments, for the trainer and for the S3 server of the tests.
import { spawnSync } from 'node:child_process';
import { installPackages } from './debian.mjs';

const works = () => spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0;

/** Makes sure that `python3 -m venv` works; Debian ships Python without it. */
export async function ensurePython() {
  if (works()) return;
  await installPackages(['python3', 'python3-venv'], 'the tests need python3 with venv (Debian, Ubuntu: sudo apt-get install python3-venv)');
}
