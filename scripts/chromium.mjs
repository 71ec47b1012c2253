// A Chromium for the tests of the page: the one on the PATH, else Debian's.
import { ensureCommand } from './debian.mjs';
import { hasCommand, say } from './processes.mjs';

/** Name of a Chromium's command, or undefined (said aloud) where there is none and none may be installed. */
export async function provideChromium() {
  const present = ['chromium', 'chromium-browser', 'google-chrome'].find(hasCommand);
  if (present) return present;
  try {
    await ensureCommand('chromium', { from: 'chromium', otherwise: 'this account may not install one' });
    return 'chromium';
  } catch (error) {
    say(`no Chromium (${error.message}): the page is not tested; install Chromium to have it tested`);
    return undefined;
  }
}
