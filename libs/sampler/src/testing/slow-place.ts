import type { Anchors } from '../anchors.js';
import type { Features } from '../model-runner.js';

export interface SlowPlaceOptions {
  /** How many turns of the event loop each lookup takes, one after the other and again from the first; none: there is no such place. */
  readonly fetchTurns?: readonly number[] | undefined;
  /** Whether it knows what `find` knows, or nothing. */
  readonly shared: boolean;
}

/** A place beyond an engine's memory, which answers late and not in order. For specs. */
export function slowPlace({ fetchTurns = [], shared }: SlowPlaceOptions, find: (name: string) => Features | undefined): Anchors['fetch'] {
  let asked = 0;
  return (name, answer) => {
    if (fetchTurns.length === 0) return false;
    const wait = async (): Promise<void> => {
      for (let turns = fetchTurns[asked++ % fetchTurns.length]!; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      answer(shared ? find(name) : undefined);
    };
    void wait();
    return true;
  };
}
