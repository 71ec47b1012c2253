// What every command of the door shares: Ctrl-C and SIGTERM become one abort signal, errors become one line and an exit code.
import { DoorError, repositoryRoot, say } from './processes.mjs';

/** Runs `task(stopping)`; `stopping` aborts at the first Ctrl-C, SIGTERM or hang-up. */
export async function atTheDoor(task) {
  process.chdir(repositoryRoot);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop.abort());
  try {
    await task(stop.signal);
  } catch (error) {
    process.exitCode = 1;
    if (stop.signal.aborted) return;
    say(error instanceof DoorError ? error.message : error.stack);
  }
}
