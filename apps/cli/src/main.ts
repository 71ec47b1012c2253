import { setMaxListeners } from 'node:events';
import { measureMachine, measureSteps, openEngine } from '@slipstream/runtime';
import type { CliContext } from './cli-context.js';
import { runCli } from './program.js';
import { startProgress } from './progress.js';

const stop = new AbortController();
// Every picture in flight listens to the one signal.
setMaxListeners(0, stop.signal);
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());

// A reader that leaves early, as `head` does, is no fault of ours.
process.stdout.on('error', () => process.exit(1));

const context: CliContext = {
  out: (line) => process.stdout.write(`${line}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
  progress: (title, total) => startProgress(title, total, process.stderr),
  openEngine,
  measureMachine,
  measureSteps,
  peakMemoryBytes: () => process.resourceUsage().maxRSS * 1024,
  signal: stop.signal,
};

process.exitCode = await runCli(process.argv.slice(2), context);
