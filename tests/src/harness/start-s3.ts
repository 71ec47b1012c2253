import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { startProcess } from './start-process.js';
import type { RunningProcess } from './start-process.js';
import { virtualEnvironment } from './virtual-environment.js';

/** moto's server speaks S3 over HTTP, conditional writes included; it checks no signatures. */
const requirements = ['moto[s3]==5.2.5', 'flask', 'flask-cors'];

/** An S3 server of the test's own, which can be stopped and started again on the same port, then empty. */
export interface OwnS3 {
  readonly endpoint: string;
  start(): Promise<void>;
  /** SIGTERM by default. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Sets up moto in a virtual environment on first use, which needs Python 3.9 or later and a package index. Does not start it. */
export async function ownS3(): Promise<OwnS3> {
  const program = await virtualEnvironment('moto-5.2.5', requirements);
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  let running: RunningProcess | undefined;
  return {
    endpoint,
    async start() {
      running ??= startProcess({ name: 'moto', command: program('python'), args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)] });
      const { name, output, hasExited } = running;
      await eventually(() => hasExited() || fetch(endpoint).then(({ status }) => status === 200), { what: `${name} answers:\n${output()}`, deadlineMs: 90_000 });
    },
    async stop(signal = 'SIGTERM') {
      await running?.stop(signal);
      running = undefined;
    },
  };
}
