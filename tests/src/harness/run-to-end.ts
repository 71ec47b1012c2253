import { startProcess, waitForExit } from './start-process.js';

/** Runs a command to its end, at most nine minutes, and returns its output; throws with that when it fails. */
export async function runToEnd(command: string, args: readonly string[], { cwd }: { cwd?: string } = {}): Promise<string> {
  const running = startProcess({ name: `${command} ${args.join(' ')}`, command, args, ...(cwd !== undefined && { cwd }) });
  const { code } = await waitForExit(running, 540_000);
  if (code !== 0) throw new Error(`${running.name} failed:\n${running.output()}`);
  return running.output();
}
