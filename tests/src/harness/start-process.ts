import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process has ended and its output is read; never rejects. */
  readonly exited: Promise<Exit>;
  hasExited(): boolean;
  /** Everything written to stdout and stderr so far. */
  output(): string;
  /** Sends the signal and waits for the end; past the deadline it kills and throws with the output. */
  stop(signal?: NodeJS.Signals, deadlineMs?: number): Promise<Exit>;
}

export interface ProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** Laid over the environment of the test; undefined removes a key. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const alive = new Set<ChildProcess>();
const killAll = (): void => alive.forEach((child) => child.kill('SIGKILL'));
process.once('exit', killAll);
// A test runner ends its processes by signal, and then there is no exit event.
process.once('disconnect', killAll);
process.once('SIGTERM', () => {
  killAll();
  process.kill(process.pid, 'SIGTERM');
});

/** Starts a child that cannot outlive the test run. */
export function startProcess({ name, command, args = [], cwd, env = {} }: ProcessOptions): RunningProcess {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  alive.add(child);
  const chunks: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
  let ended = false;
  const exited = new Promise<Exit>((resolve) => {
    const settle = (exit: Exit): void => {
      ended = true;
      alive.delete(child);
      resolve(exit);
    };
    child.once('error', (error) => {
      chunks.push(`${name} did not start: ${error.message}\n`);
      settle({ code: null, signal: null });
    });
    child.once('close', (code, signal) => settle({ code, signal }));
  });
  const output = (): string => chunks.join('');
  return {
    name,
    pid: child.pid ?? -1,
    exited,
    hasExited: () => ended,
    output,
    async stop(signal = 'SIGTERM', deadlineMs = 30_000) {
      if (!ended) child.kill(signal);
      const exit = await withinDeadline(exited, deadlineMs);
      if (exit) return exit;
      child.kill('SIGKILL');
      await exited;
      throw new Error(`${name} did not end within ${deadlineMs} ms of ${signal}:\n${output()}`);
    },
  };
}

/** The exit of a process that is expected to end by itself; past the deadline it kills and throws with the output. */
export async function waitForExit(running: RunningProcess, deadlineMs = 30_000): Promise<Exit> {
  const exit = await withinDeadline(running.exited, deadlineMs);
  if (exit) return exit;
  await running.stop('SIGKILL');
  throw new Error(`${running.name} was still running after ${deadlineMs} ms:\n${running.output()}`);
}

async function withinDeadline<T>(promise: Promise<T>, deadlineMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, deadlineMs, undefined);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
