import { Inject, Injectable } from '@nestjs/common';
import { SlipstreamError, type GenerationRecord, type ImageEvent } from '@slipstream/contracts';
import { GenerationQueue } from '@slipstream/queue';
import { base64, errorEvent, newerThan, type Reader } from '../events/generation-events.js';
import type { ServerSentEvent } from '../events/server-sent.js';
import type { Accepted } from '../generations/generations.js';
import { Catalogue } from '../models/catalogue.js';
import { Pictures } from '../pictures/pictures.js';
import { checkCompleted, imagesAnswer } from './images-answer.js';
import type { Patience } from '../waiting/patience.js';
import { WaitingRoom } from '../waiting/waiting-room.js';

/** OpenAI's `stream: true`: partial pictures as they become, then each picture, always inline. */
@Injectable()
export class ImageStream {
  constructor(
    @Inject(GenerationQueue) private readonly queue: GenerationQueue,
    @Inject(WaitingRoom) private readonly room: WaitingRoom,
    @Inject(Pictures) private readonly pictures: Pictures,
    @Inject(Catalogue) private readonly catalogue: Catalogue,
  ) {}

  /** Begun, the client's patience decides: hanging up cancels, as on the door that answers at once. */
  async *of(accepted: Accepted, { patience, request }: { patience: Patience; request: Reader['request'] }): AsyncGenerator<ServerSentEvent> {
    const settled = this.room.settled(accepted.record.id, patience);
    settled.catch(() => {}); // heard below
    try {
      yield* this.#partials(accepted, patience);
      const record = await settled;
      if (!record) throw leaving(accepted.record);
      checkCompleted(record);
      yield* this.#completed(record, accepted);
    } catch (error) {
      if (patience.ended !== 'disconnected') yield errorEvent(error, request);
    }
  }

  async *#partials({ record: { id }, request }: Accepted, patience: Patience): AsyncGenerator<ServerSentEvent> {
    let rank = 0;
    const sent: number[] = [];
    try {
      for await (const { record, previews } of this.queue.watch(id, patience.signal)) {
        for (const preview of newerThan(rank, previews)) {
          rank = preview.rank;
          const partial_image_index = (sent[preview.index] = (sent[preview.index] ?? -1) + 1);
          yield eventOf({ type: 'image_generation.partial_image', ...this.#picture({ record, request }), partial_image_index, index: preview.index, b64_json: base64(preview) });
        }
      }
    } catch (error) {
      if (!patience.ended) throw error;
    }
  }

  async *#completed(record: GenerationRecord, { request }: Accepted): AsyncGenerator<ServerSentEvent> {
    const data = await this.pictures.inline(record.pictures);
    const { usage, slipstream } = imagesAnswer(record, { request, data, manifest: this.catalogue.manifest });
    for (const [index, picture] of data.entries()) {
      yield eventOf({ type: 'image_generation.completed', ...this.#picture({ record, request }), index, ...picture, usage, slipstream });
    }
  }

  #picture({ record, request }: { record: GenerationRecord; request: Accepted['request'] }): Pick<ImageEvent, 'id' | 'created_at' | 'size' | 'quality' | 'background' | 'output_format'> {
    const { id, createdAtMs, settings: { outputFormat: output_format, background } } = record;
    const { width, height } = this.catalogue.manifest.image;
    return { id, created_at: Math.floor(createdAtMs / 1000), size: `${width}x${height}`, quality: request.quality, background, output_format };
  }
}

const eventOf = (data: ImageEvent): ServerSentEvent => ({ event: data.type, data });

const leaving = ({ id }: GenerationRecord): SlipstreamError =>
  new SlipstreamError('not_ready', `this server leaves before generation ${id} has ended`, { remedy: `GET /v1/generations/${id}/events goes on with it` });
