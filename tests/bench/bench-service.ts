// Measures the service against its bare parts: `npm run bench:service [-- --bundle … --rounds 3 --json]`.
import { availableParallelism, cpus, platform, release } from 'node:os';
import { markdown } from './markdown.js';
import { measureAcceptance } from './measure-acceptance.js';
import { measureThroughput } from './measure-throughput.js';
import { parseOptions } from './options.js';
import { canPin } from './pinned.js';

const note = (line: string): boolean => process.stderr.write(`${line}\n`);

try {
  const options = parseOptions(process.argv.slice(2));
  if (!canPin) note('processes are not held to one core: that needs Linux, taskset and two cores');
  const acceptance = await measureAcceptance(options, note);
  const throughput = await measureThroughput(options, note);
  const machine = {
    cpu: cpus()[0]?.model.trim(),
    cores: availableParallelism(),
    system: `${platform()} ${release()}`,
    node: process.version,
  };
  const { redisUrl: _address, json, ...configuration } = options;
  const report = { machine, configuration: { ...configuration, pinned: canPin }, throughput, acceptance };
  process.stdout.write(
    `${json ? JSON.stringify(report, null, 2) : markdown(options.inFlight, throughput, acceptance)}\n`,
  );
} catch (error) {
  note(`bench:service: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
