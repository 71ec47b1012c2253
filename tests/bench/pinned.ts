import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

export interface NodeCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** Whether processes can be held to one core here: Linux with taskset and two cores at least. */
export const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;

/** A Node process held to one core, or free where that is not possible. */
export function onCore(core: number, script: string, ...args: readonly string[]): NodeCommand {
  if (!canPin) return { command: process.execPath, args: [script, ...args] };
  return { command: 'taskset', args: ['--cpu-list', String(core), process.execPath, script, ...args] };
}
