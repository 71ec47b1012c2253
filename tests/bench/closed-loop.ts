/** A span of a closed loop between two completions. */
export interface Window {
  readonly pictures: number;
  readonly seconds: number;
}

export interface ClosedLoopOptions {
  /** Requests kept under way at all times until the window has closed. */
  readonly inFlight: number;
  /** Completions before the window opens, and pictures inside it. Whole batches, since pictures end together. */
  readonly warmUp: number;
  readonly pictures: number;
}

/** A loop whose window has closed: the rate is known, requests may still be under way. */
export interface ClosedLoop {
  readonly window: Window;
  /** Requests that have not ended yet. */
  underWay(): number;
  /** Resolves when the last request has ended. */
  readonly drained: Promise<void>;
}

/**
 * Keeps `inFlight` requests under way, each ended one replaced at once, and times the completions of the window.
 * After it no request is started. Rejects with the first failure before that.
 */
export async function closedLoop(
  request: (index: number) => Promise<void>,
  options: ClosedLoopOptions,
): Promise<ClosedLoop> {
  const { inFlight, warmUp, pictures } = options;
  let started = 0;
  let underWay = 0;
  let ended = 0;
  let openedMs = 0;
  let close: (window: Window) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const closed = new Promise<Window>((resolve, reject) => {
    close = resolve;
    fail = reject;
  });
  const lane = async (): Promise<void> => {
    while (ended < warmUp + pictures) {
      underWay += 1;
      await request(started++).finally(() => (underWay -= 1));
      ended += 1;
      if (ended === warmUp) openedMs = performance.now();
      if (ended === warmUp + pictures) close({ pictures, seconds: (performance.now() - openedMs) / 1000 });
    }
  };
  const lanes = Array.from({ length: inFlight }, lane);
  const drained = Promise.allSettled(lanes).then(() => undefined);
  Promise.all(lanes).catch(fail);
  return { window: await closed, underWay: () => underWay, drained };
}
