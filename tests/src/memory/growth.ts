import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';

/** Whether this system tells how much memory a process had at its worst. */
export const tellsMemory = existsSync('/proc/self/clear_refs');
if (!tellsMemory) console.warn('memory: how much memory the servers take is not measured: this is not Linux');

/** Bytes by which a process outgrew, at its worst while `work` went on, what it had before. */
export async function growth(pid: number, work: () => Promise<void>): Promise<number> {
  await writeFile(`/proc/${pid}/clear_refs`, '5'); // the worst is from now on
  const before = await bytesIn(pid, 'VmRSS');
  await work();
  return (await bytesIn(pid, 'VmHWM')) - before;
}

/** What a process has in memory now, or had at its worst. */
export async function bytesIn(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(await readFile(`/proc/${pid}/status`, 'utf8'))!;
  return Number(kilobytes) * 1024;
}
