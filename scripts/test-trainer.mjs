// The trainer's tests: a virtual environment in apps/trainer/.venv, then pytest.
import { existsSync } from 'node:fs';
import { atTheDoor } from './at-the-door.mjs';
import { ensureFiles } from './debian.mjs';
import { run, say } from './processes.mjs';
import { ensurePython } from './python.mjs';

const venv = 'apps/trainer/.venv';
const python = `${venv}/bin/python`;
// The pin has a CPU build; a range may bring gigabytes of CUDA.
const torch = 'torch==2.13.0';

const emoji = {
  'fonts-noto-color-emoji': '/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf',
  'unicode-cldr-core': '/usr/share/unicode/cldr/common/annotations/en.xml',
};

await atTheDoor(async () => {
  await ensureFiles(emoji, `the trainer draws emoji: install ${Object.keys(emoji).join(' and ')} (Debian, Ubuntu: sudo apt-get install)`);
  await ensureVenv();
  say('testing the trainer');
  await run(python, ['-m', 'pytest', 'apps/trainer', ...process.argv.slice(2)]);
});

async function ensureVenv() {
  await ensurePython();
  if (!existsSync(python)) await run('python3', ['-m', 'venv', venv]);
  say('installing the trainer');
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', torch]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--editable', 'apps/trainer[test]']);
}
