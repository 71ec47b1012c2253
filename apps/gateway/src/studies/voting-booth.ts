import { randomBytes, randomInt } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { parseVoteRequest, SlipstreamError, type Study, type StudyPairObject, type VoteObject } from '@slipstream/contracts';
import { StudyBook, type VoteTally } from '@slipstream/queue';
import type { Caller } from '../admission/caller.js';
import { Catalogue } from '../models/catalogue.js';
import { pairOrder } from './pair-order.js';
import { progressOf } from './study-object.js';
import { isForLater, stateOf, StudyPictures, type PairRecords, type PairState } from './study-pictures.js';

/** Pairs that are ready or in the making ahead of the voters. */
const ahead = 6;
/** Pairs that are looked at for them: some pictures may not be had. */
const mostLooks = 24;
const retryAfterSeconds = 2;

/** Shows pairs, each once and without a hint which side is which, and counts what is said of them. */
@Injectable()
export class VotingBooth {
  constructor(
    @Inject(StudyBook) private readonly book: StudyBook,
    @Inject(StudyPictures) private readonly pictures: StudyPictures,
    @Inject(Catalogue) private readonly catalogue: Pick<Catalogue, 'digest'>,
  ) {}

  /** @throws SlipstreamError `study_stopped`, and as `Entrance.enter` where no picture is there or in the making */
  async next(study: Study, caller: Caller): Promise<StudyPairObject> {
    const tally = await this.book.tally(study);
    const progress = progressOf(study, tally);
    if (progress.votes >= progress.votes_wanted) return { object: 'study.pair', status: 'completed', ...progress };
    if (study.bundle !== this.catalogue.digest) throw new SlipstreamError('study_stopped', `study ${study.id} is of another bundle than the one that is served now`, { remedy: 'make a new study of this one; the votes of the old one can be exported' });
    const { ready, waiting } = await this.#lookAhead(study, { tally, caller });
    if (ready.length > 0) return { ...(await this.#show(study, ready[randomInt(ready.length)]!)), ...progress };
    if (waiting) return { object: 'study.pair', status: 'waiting', retry_after_seconds: retryAfterSeconds, ...progress };
    throw new SlipstreamError('study_stopped', `no pair of study ${study.id} can be shown: its pictures failed or were cancelled`, { remedy: 'look at their generations, GET /v1/generations?status=failed' });
  }

  /** @throws SlipstreamError `invalid_request`, `pair_not_found`, `pair_voted`, `study_completed` */
  async cast(study: Study, body: unknown): Promise<VoteObject> {
    const { pair, choice, voter } = parseVoteRequest(body);
    const shown = await this.book.shown(study.id, pair);
    if (!shown) throw unknownPair(pair);
    const verdict = await this.book.cast(study, { pair, vote: { ...shown, choice, ...(voter !== undefined && { voter }), atMs: Date.now() } });
    switch (verdict) {
      case 'counted':
        return { object: 'study.vote', pair, choice, ...progressOf(study, await this.book.tally(study)) };
      case 'voted':
        throw new SlipstreamError('pair_voted', `pair ${pair} has its vote; it counts once`, { param: 'pair', remedy: `POST /v1/studies/${study.id}/pairs shows the next one` });
      case 'full':
        throw new SlipstreamError('study_completed', `the ${study.votesWanted} votes that were wanted are in`, { remedy: `GET /v1/studies/${study.id}/results has what they say` });
      case 'missing':
        throw unknownPair(pair);
    }
  }

  /** Which pairs can be shown: of those with the fewest votes, for a second look at one is worth less than a first at another. */
  async #lookAhead(study: Study, { tally, caller }: { tally: VoteTally; caller: Caller }): Promise<{ ready: PairRecords[]; waiting: boolean }> {
    const found: { records: PairRecords; state: PairState }[] = [];
    for (const pair of pairOrder(study, tally).slice(0, mostLooks)) {
      if (found.length === ahead) break;
      const records = await this.pictures.records(study, pair, caller).catch((error: unknown) => later(error, found.length > 0));
      if (!records) break;
      const state = stateOf(records);
      if (state !== 'failed') found.push({ records, state });
    }
    const votesOn = ({ records }: { records: PairRecords }): number => tally.ofPair(records.pair);
    const first = found.filter((each) => votesOn(each) === votesOn(found[0]!));
    return { ready: first.filter(({ state }) => state === 'ready').map(({ records }) => records), waiting: found.length > 0 };
  }

  async #show(study: Study, { pair, baseline, candidate }: PairRecords) {
    const candidateSide = randomInt(2) === 0 ? 'left' : 'right';
    const id = `pair_${randomBytes(16).toString('hex')}`;
    const [ofBaseline, ofCandidate] = await Promise.all([baseline, candidate].map((record) => this.pictures.bare(record)));
    await this.book.show(study.id, { pair: id, shown: { ...pair, candidateSide } });
    const [left, right] = candidateSide === 'left' ? [ofCandidate!, ofBaseline!] : [ofBaseline!, ofCandidate!];
    return { object: 'study.pair', status: 'ready', id, prompt: study.prompts[pair.prompt]!, left, right } as const;
  }
}

/** Too much for now is no fault while there is something to show or to wait for. */
function later(error: unknown, some: boolean): undefined {
  if (some && isForLater(error)) return undefined;
  throw error;
}

const unknownPair = (pair: string): SlipstreamError =>
  new SlipstreamError('pair_not_found', `this study has shown no pair ${JSON.stringify(pair)}, or too long ago`, { param: 'pair', remedy: 'send the id of a pair that was shown to you within a day' });
