/** One question put to the simulation: a table, and a plot where one says more. */
export interface Finding {
  /** Also the name of its plot. */
  readonly name: string;
  readonly title: string;
  /** What was varied and what was kept, in a sentence or two. */
  readonly setting: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly plots?: readonly Plot[];
}

export interface Plot {
  readonly name: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly logY?: boolean;
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
}

/** How much is simulated; a small scale shows that it works, and no figures. */
export interface Scale {
  readonly seed: number;
  /** Devices and seconds of the large run, in which the seconds stand for a day. */
  readonly fleet: number;
  readonly daySeconds: number;
  /** Devices and seconds of each run of a comparison. */
  readonly devices: number;
  readonly seconds: number;
  /** Of one device, in dollars an hour: an assumption. */
  readonly pricePerHour: number;
}

export type Experiment = (scale: Scale) => Promise<Finding>;
