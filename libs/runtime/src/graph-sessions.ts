import { heldGraphs, type BundleManifest, type GraphName } from '@slipstream/contracts';
import type { InferenceSession } from 'onnxruntime-node';
import { openGraph, type OpenOptions } from './graph-session.js';

/** A bundle's graphs, and where the weights lie that they share. */
export interface GraphFiles {
  /** The bytes of each graph that the bundle holds. */
  readonly graphs: Readonly<Partial<Record<GraphName, Uint8Array>>>;
  readonly folder: string;
}

/** The open graphs of a bundle: each is opened once, when it is first asked for. */
export class GraphSessions {
  private readonly opened = new Map<GraphName, Promise<InferenceSession>>();

  constructor(
    private readonly manifest: BundleManifest,
    private readonly files: GraphFiles,
    private readonly options: Omit<OpenOptions, 'folder'>,
  ) {}

  /** Rejects as `openGraph` does. The bundle must hold the graph. */
  get(name: GraphName): Promise<InferenceSession> {
    const known = this.opened.get(name);
    if (known) return known;
    const { graphs, folder } = this.files;
    const opening = openGraph(this.manifest.graphs[name]!, graphs[name]!, { ...this.options, folder });
    this.opened.set(name, opening);
    return opening;
  }

  async openAll(): Promise<void> {
    for (const name of heldGraphs(this.manifest)) await this.get(name);
  }

  /** Frees their memory; nothing may be asked for afterwards. */
  async release(): Promise<void> {
    for (const opening of await Promise.allSettled(this.opened.values())) {
      if (opening.status === 'fulfilled') await opening.value.release();
    }
  }
}
