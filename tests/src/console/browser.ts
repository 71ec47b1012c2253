import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const named = process.env['TEST_CHROMIUM'];
const folders = (process.env['PATH'] ?? '').split(delimiter);
const candidates = (named === undefined ? ['chromium', 'chromium-browser', 'google-chrome'] : [named]).flatMap((name) => (name.includes('/') ? [name] : folders.map((folder) => join(folder, name))));

/** Path of a Chromium, undefined where there is none. */
export const chromiumPath: string | undefined = candidates.find((path) => existsSync(path));
if (chromiumPath === undefined) console.warn('console: the page is not opened in a browser: there is no Chromium on the PATH and TEST_CHROMIUM names none');

/** Without a sandbox of its own, which containers and root do not give it; it sees loopback alone. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath!, args: ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1'] });
}
