import type { measureMachine, measureSteps, openEngine } from '@slipstream/runtime';
import type { Progress } from './progress.js';

/** What a sub-command needs of the world; tests hand in their own. */
export interface CliContext {
  /** A line of results. */
  out(line: string): void;
  /** A line for the person watching, never part of the results. */
  note(line: string): void;
  /** Shows how far a long command is; `total` in units of the command's choice. */
  progress(title: string, total: number): Progress;
  openEngine: typeof openEngine;
  measureMachine: typeof measureMachine;
  measureSteps: typeof measureSteps;
  /** The largest resident set that this process has had, in bytes. */
  peakMemoryBytes(): number;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}
