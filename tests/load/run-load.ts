// Open-loop load at shares of the measured capacity: `npm run load [-- --bundle … --seconds 60 --levels 50,80,95,120]`.
import { closedLoop } from '../bench/closed-loop.js';
import { markdown } from './markdown.js';
import { measureLevel, type LevelReport } from './measure-level.js';
import { parseOptions, type LoadOptions } from './options.js';
import { openService, type Service } from './service.js';

const note = (line: string): boolean => process.stderr.write(`${line}\n`);

/**
 * Pictures a second with four times as many requests under way as rows, which never run out of work. What is refused, as
 * it may be until the worker has told what its steps cost, is sent again.
 */
async function measureCapacity(service: Service, { capacity, pictures }: LoadOptions): Promise<number> {
  const request = async (seed: number): Promise<void> => {
    for (let ending = await service.generate(seed); ending !== 'completed'; ending = await service.generate(seed)) {
      if (ending === 'failed') throw new Error('a request failed while the capacity was measured');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const { window, drained } = await closedLoop(request, { inFlight: capacity * 4, warmUp: capacity * 2, pictures });
  await drained;
  return window.pictures / window.seconds;
}

async function run(options: LoadOptions): Promise<string> {
  const service = await openService(options);
  try {
    const capacityPerSecond = await measureCapacity(service, options);
    note(`capacity ${capacityPerSecond.toFixed(2)} pictures/s`);
    const levels: LevelReport[] = [];
    for (const level of options.levels) {
      levels.push(await measureLevel(service, level, { capacityPerSecond, options }));
      note(`${level} %: goodput ${levels.at(-1)!.goodputPerSecond.toFixed(2)}/s, p99 ${levels.at(-1)!.latencySeconds.p99.toFixed(2)} s`);
    }
    return options.json ? JSON.stringify({ options, capacityPerSecond, levels }, null, 2) : markdown(capacityPerSecond, levels);
  } finally {
    await service.stop();
  }
}

try {
  process.stdout.write(`${await run(parseOptions(process.argv.slice(2)))}\n`);
} catch (error) {
  note(`load: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
