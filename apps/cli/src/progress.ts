import { Presets, SingleBar } from 'cli-progress';

/** A progress display under way. */
export interface Progress {
  advance(units: number): void;
  end(): void;
}

type Screen = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>;

/** A bar with the time left where a person watches, a line every tenth where the output is kept. */
export function startProgress(title: string, total: number, screen: NodeJS.WriteStream): Progress {
  return screen.isTTY ? bar(title, total, screen) : lines(title, total, screen);
}

function bar(title: string, total: number, stream: NodeJS.WriteStream): Progress {
  const format = `${title} {bar} {percentage}% | {eta_formatted} left`;
  const single = new SingleBar({ format, stream, etaBuffer: 500, hideCursor: true }, Presets.shades_classic);
  single.start(Math.ceil(total), 0);
  return { advance: (units) => single.increment(units), end: () => single.stop() };
}

function lines(title: string, total: number, screen: Screen): Progress {
  const startedMs = performance.now();
  let done = 0;
  let tenths = 0;
  return {
    advance(units) {
      done += units;
      const reached = Math.min(10, Math.floor((done / total) * 10 + 1e-9));
      if (reached <= tenths) return;
      tenths = reached;
      screen.write(`${title}: ${tenths * 10} % after ${((performance.now() - startedMs) / 1000).toFixed(0)} s\n`);
    },
    end: () => undefined,
  };
}
