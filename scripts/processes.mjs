// Child processes of the door: run one to its end, or keep one running until told to stop.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = fileURLToPath(new URL('..', import.meta.url));

/** A line for the person at the door; logs of the servers are JSON and look different. */
export const say = (text) => process.stderr.write(`slipstream: ${text}\n`);

/** What the person at the door has to do; shown without a stack. */
export class DoorError extends Error {}

/** Runs a command, in the repository unless told otherwise, with its output shown. Rejects with a DoorError when it fails. */
export function run(command, args, { cwd = repositoryRoot, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit'] });
    const line = [command, ...args].join(' ');
    const passOn = (signal) => child.kill(signal);
    process.on('SIGTERM', passOn);
    child.once('error', (cause) => reject(new DoorError(`${line} cannot be run: ${cause.message}`)));
    child.once('close', (code, signal) => {
      process.off('SIGTERM', passOn);
      if (code === 0) resolve();
      else reject(new DoorError(`${line} ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}

/** Runs one of the repository's own tools under this very Node. */
export const runNode = (script, args = [], options = {}) => run(process.execPath, [script, ...args], options);

/** Whether a command is on the PATH. */
export const hasCommand = (name) => (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, name)));

/**
 * Starts a process that is to go on. `exited` resolves with the words for how it ended;
 * `stop(graceMs)` asks with SIGTERM, insists with SIGKILL after the grace and resolves when it is gone.
 * `firstOutput` resolves once it writes, where `stdout` is a pipe. `apart` keeps it out of the terminal's Ctrl-C and of signals to the group: it hears only from us, and once.
 */
export function start(command, args, { env = {}, apart = false, stdout = 'inherit' } = {}) {
  const child = spawn(command, args, { cwd: repositoryRoot, env: { ...process.env, ...env }, detached: apart, stdio: ['ignore', stdout, 'inherit'] });
  const exited = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const stop = async (graceMs) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const insist = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await exited;
    clearTimeout(insist);
  };
  const firstOutput = new Promise((resolve) => child.stdout?.once('data', resolve));
  return { exited, firstOutput, stop };
}
