import type { RunningServer } from '../harness/index.js';

/** Sum of the samples of a server's metric that hold all of these labels. */
export async function count({ url }: RunningServer, name: string, labels: Record<string, string> = {}): Promise<number> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines.filter((line) => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`))).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
