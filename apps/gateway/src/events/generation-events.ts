import { Inject, Injectable } from '@nestjs/common';
import { isSettled, SlipstreamError } from '@slipstream/contracts';
import { GenerationQueue, type ShownPreview, type Snapshot } from '@slipstream/queue';
import { problemOf } from '@slipstream/server-kit';
import { Catalogue } from '../models/catalogue.js';
import { GenerationView } from '../generations/generation-view.js';
import type { ServerSentEvent } from './server-sent.js';

/** Whom a stream is for. */
export interface Reader {
  readonly id: string;
  /** The id of the last event that it has seen. */
  readonly lastEventId: string | undefined;
  readonly signal: AbortSignal;
  /** For the error that may end the stream. */
  readonly request: { readonly path: string; readonly requestId: string };
}

/**
 * A generation as events: `generation.preview` for a new preview of a picture, `generation.state` when it came further, the
 * last one settled. What a reader was too slow for is left out; an event's id says all that was told by then.
 */
@Injectable()
export class GenerationEvents {
  readonly #states = new WeakMap<Snapshot, Promise<object>>();
  readonly #previews = new WeakMap<ShownPreview, ServerSentEvent>();

  constructor(
    @Inject(GenerationQueue) private readonly queue: GenerationQueue,
    @Inject(GenerationView) private readonly view: GenerationView,
    @Inject(Catalogue) private readonly catalogue: Pick<Catalogue, 'manifest'>,
  ) {}

  async *of({ id, lastEventId, signal, request }: Reader): AsyncGenerator<ServerSentEvent> {
    let told = lastEventId ?? '';
    try {
      for await (const snapshot of this.queue.watch(id, signal)) {
        const { rank: seen } = placeIn(told);
        for (const preview of newerThan(seen, snapshot.previews)) yield this.#preview(snapshot, preview);
        const now = placeOf(snapshot, seen);
        if (now === told) continue;
        told = now;
        yield { event: 'generation.state', id: now, data: await this.#state(snapshot) };
      }
    } catch (error) {
      if (!signal.aborted) yield errorEvent(error, request);
    }
  }

  /** Of tokens, as sizes are written. */
  get #grid(): string {
    const { gridWidth, gridHeight } = this.catalogue.manifest.tokens;
    return `${gridWidth}x${gridHeight}`;
  }

  /** Whether nothing will ever be told to whoever has seen this. */
  isOver(snapshot: Pick<Snapshot, 'record'>, lastEventId: string | undefined): boolean {
    return isSettled(snapshot.record.status) && placeIn(lastEventId ?? '').state === placeIn(placeOf({ ...snapshot, previews: [] })).state;
  }

  /** Made once for all readers. */
  #preview(snapshot: Snapshot, preview: ShownPreview): ServerSentEvent {
    const known = this.#previews.get(preview) ?? previewEvent(snapshot, { preview, grid: this.#grid });
    this.#previews.set(preview, known);
    return known;
  }

  /** Made once for all readers. */
  #state(snapshot: Snapshot): Promise<object> {
    const known = this.#states.get(snapshot) ?? this.view.show(snapshot.record).then((generation) => ({ type: 'generation.state', ...generation }));
    this.#states.set(snapshot, known);
    return known;
  }
}

export const newerThan = (rank: number, previews: readonly ShownPreview[]): ShownPreview[] => previews.filter((preview) => preview.rank > rank).sort((a, b) => a.rank - b.rank);

/** The error as OpenAI's clients throw it when it comes in a stream. */
export function errorEvent(thrown: unknown, request: Reader['request']): ServerSentEvent {
  return { event: 'error', data: problemOf(SlipstreamError.from(thrown), { ...request, path: request.path.split('?', 1)[0]! }) };
}

export const base64 = ({ bytes }: ShownPreview): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

function previewEvent({ record }: Snapshot, { preview, grid }: { preview: ShownPreview; grid: string }): ServerSentEvent {
  const { id, steps, settings: { outputFormat } } = record;
  return { event: 'generation.preview', data: { type: 'generation.preview', id, index: preview.index, step: preview.step, steps, grid, masked: preview.masked, output_format: outputFormat, b64_json: base64(preview) } };
}

/** Where a generation is, as an event's id: status, step, rank of the latest preview. */
function placeOf({ record: { status, step }, previews }: Snapshot, seen = 0): string {
  return `${status}-${step}-${Math.max(seen, ...previews.map(({ rank }) => rank))}`;
}

function placeIn(eventId: string): { state: string; rank: number } {
  const [, state = '', rank = '0'] = /^([a-z_]+-\d+)-(\d{1,9})$/.exec(eventId) ?? [];
  return { state, rank: Number(rank) };
}
