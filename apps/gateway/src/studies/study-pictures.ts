import { Inject, Injectable } from '@nestjs/common';
import { isSettled, resolveRequest, SlipstreamError, type GenerationRecord, type Study, type StudyArm, type StudyPair } from '@slipstream/contracts';
import type { Caller } from '../admission/caller.js';
import { Entrance } from '../admission/entrance.js';
import { Catalogue } from '../models/catalogue.js';
import { Pictures } from '../pictures/pictures.js';
import { armRequest } from './arm-request.js';
import { barePng } from './bare-png.js';

/** Both pictures of a pair; each generation is there, in the making, or not to be had. */
export interface PairRecords {
  readonly pair: StudyPair;
  readonly baseline: GenerationRecord;
  readonly candidate: GenerationRecord;
}

export type PairState = 'ready' | 'waiting' | 'failed';

/** The pictures of a study: ordinary generations of its tenant, asked for when somebody is about to see them. */
@Injectable()
export class StudyPictures {
  constructor(
    @Inject(Entrance) private readonly entrance: Entrance,
    @Inject(Catalogue) private readonly catalogue: Pick<Catalogue, 'manifest'>,
    @Inject(Pictures) private readonly pictures: Pictures,
  ) {}

  /** Asks for the pictures that are not there, or not any more: the same seed gives the same bytes. @throws SlipstreamError as `Entrance.enter` */
  async records(study: Study, pair: StudyPair, caller: Caller): Promise<PairRecords> {
    const at = { study, pair, caller };
    return { pair, baseline: await this.#record('baseline', study.baseline, at), candidate: await this.#record(String(pair.candidate), study.candidates[pair.candidate]!, at) };
  }

  /** Of a completed generation: a PNG that says nothing of how it was made. @throws SlipstreamError `picture_not_found`, `storage_unavailable` */
  async bare({ pictures }: GenerationRecord): Promise<{ b64_json: string }> {
    const { bytes } = await this.pictures.stored(pictures[0]!.key);
    return { b64_json: barePng(bytes).toString('base64') };
  }

  async #record(name: string, arm: StudyArm, { study, pair, caller }: { study: Study; pair: StudyPair; caller: Caller }): Promise<GenerationRecord> {
    const request = armRequest(arm, { prompt: study.prompts[pair.prompt]!, seed: pair.seed });
    // What was declared is made, also where the fleet would rather make something safer: that is what the study is to find out.
    const settings = { ...resolveRequest(request, this.catalogue.manifest), ...arm.sampling };
    // A client cannot send a backslash: its own keys are others.
    const idempotencyKey = `study\\${study.id}\\${name}\\${pair.prompt}\\${pair.seed}`;
    return this.entrance.enter({ request, settings, caller: { ...caller, idempotencyKey, replayed: () => {} }, mode: 'async' });
  }
}

export function stateOf({ baseline, candidate }: PairRecords): PairState {
  const records = [baseline, candidate];
  if (records.every(({ status }) => status === 'completed')) return 'ready';
  return records.some(({ status }) => isSettled(status) && status !== 'completed') ? 'failed' : 'waiting';
}

/** What is refused for now, for there is too much of it. */
export const isForLater = (error: unknown): boolean => error instanceof SlipstreamError && ['rate_limited', 'quota_exceeded', 'overloaded'].includes(error.code);
