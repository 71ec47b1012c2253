// Breaks the service on purpose and counts what was lost: `npm run chaos -- [--jobs 2000] [--seed 1] [--out docs/chaos]`.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseOptions } from './options.js';
import { progressLine } from './progress-line.js';
import { runChaos } from './run-chaos.js';
import { markdown } from './summary.js';

try {
  const options = parseOptions(process.argv.slice(2));
  const result = await runChaos(options, progressLine((line) => void process.stderr.write(`${line}\n`)));
  const text = markdown(result, options);
  process.stdout.write(`${text}\n${result.reasons.join('\n')}\n`);
  if (options.out !== undefined) {
    await mkdir(options.out, { recursive: true });
    await writeFile(join(options.out, 'summary.md'), text);
    await writeFile(join(options.out, 'summary.json'), `${JSON.stringify({ options, ...result }, null, 2)}\n`);
  }
  process.exitCode = result.verdict.missed.length === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`chaos: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
