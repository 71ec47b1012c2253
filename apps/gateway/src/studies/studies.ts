import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { parseStudyRequest, resolveRequest, samplingOf, SlipstreamError, type Study, type StudyArm, type StudyRequest } from '@slipstream/contracts';
import { StudyBook } from '@slipstream/queue';
import type { Caller } from '../admission/caller.js';
import { once } from '../admission/once.js';
import { Catalogue } from '../models/catalogue.js';
import { armRequest } from './arm-request.js';

/** Studies of one tenant. */
const most = 100;

/** What a tenant can do with its studies; another's are not there. */
@Injectable()
export class Studies {
  constructor(
    @Inject(StudyBook) private readonly book: StudyBook,
    @Inject(Catalogue) private readonly catalogue: Pick<Catalogue, 'manifest' | 'digest' | 'checkPrompt'>,
  ) {}

  /** A new one, or the one that the same key made before. @throws SlipstreamError `invalid_request`, `studies_full`, `idempotency_mismatch`, `queue_unavailable` */
  async create(caller: Caller, body: unknown): Promise<Study> {
    const request = parseStudyRequest(body);
    return once(this.book, { caller, kind: 'studies', request }, async (idempotency) => {
      const study = this.#studyOf(caller.tenant.id, request);
      const addition = await this.book.add(study, { most, idempotency });
      if (addition.verdict === 'full') throw new SlipstreamError('studies_full', `there are ${most} studies already`, { remedy: 'export one, and delete it' });
      return { id: study.id, ...addition };
    });
  }

  async list(tenant: string): Promise<Study[]> {
    return this.book.list(tenant);
  }

  /** @throws SlipstreamError `study_not_found`, `queue_unavailable` */
  async find(tenant: string, id: string): Promise<Study> {
    return known(id, await this.book.read(tenant, id));
  }

  /** With its votes. @throws SlipstreamError as `find` */
  async remove(tenant: string, id: string): Promise<void> {
    if (!(await this.book.remove(tenant, id))) known(id, undefined);
  }

  #studyOf(tenant: string, { votes_wanted: votesWanted, baseline, candidates, ...rest }: StudyRequest): Study {
    return {
      id: `study_${randomBytes(12).toString('hex')}`,
      tenant,
      ...rest,
      votesWanted,
      model: this.catalogue.manifest.name,
      bundle: this.catalogue.digest,
      baseline: this.#settled('baseline', baseline, rest),
      candidates: candidates.map((arm, index) => this.#settled(`candidates.${index}`, arm, rest)),
      createdAtMs: Date.now(),
    };
  }

  /** Whatever the bundle refuses of an arm or a prompt is refused here, and not when somebody wants to vote. */
  #settled(field: string, arm: StudyRequest['baseline'], { prompts, seeds }: Pick<StudyRequest, 'prompts' | 'seeds'>): StudyArm {
    const { catalogue } = this;
    const settle = (prompt: string) => {
      catalogue.checkPrompt(prompt);
      return resolveRequest(armRequest(arm, { prompt, seed: seeds[0]! }), catalogue.manifest);
    };
    const settings = prompts.map((prompt, index) => named({ acceleration: `${field}.acceleration`, prompt: `prompts.${index}` }, () => settle(prompt)));
    return { ...arm, sampling: samplingOf(settings[0]!) };
  }
}

/** Refusals name the field of the study that they are about. */
function named<T>(fields: Readonly<Record<string, string>>, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SlipstreamError)) throw error;
    const param = error.param?.replace(/^\w+/, (first) => fields[first] ?? first);
    throw new SlipstreamError(error.code, error.message, { cause: error, ...(param !== undefined && { param }) });
  }
}

function known(id: string, study: Study | undefined): Study {
  if (study) return study;
  throw new SlipstreamError('study_not_found', `no study has the id ${JSON.stringify(id.slice(0, 64))}`, { param: 'id', remedy: 'GET /v1/studies lists them' });
}
