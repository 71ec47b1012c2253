import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { SlipstreamError, type StudyDeleted, type StudyList, type StudyObject, type StudyPairObject, type StudyResults, type Study, type VoteList, type VoteObject } from '@slipstream/contracts';
import { StudyBook } from '@slipstream/queue';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, tenantOf } from '../admission/caller.js';
import { Studies } from './studies.js';
import { castVote, studyObject } from './study-object.js';
import { studyResults } from './study-results.js';
import { votesCsv } from './votes-csv.js';
import { VotingBooth } from './voting-booth.js';

/** Blind comparisons of ways to make a picture, by people. */
@Controller('v1/studies')
export class StudiesController {
  constructor(
    @Inject(Studies) private readonly studies: Studies,
    @Inject(StudyBook) private readonly book: StudyBook,
    @Inject(VotingBooth) private readonly booth: VotingBooth,
  ) {}

  @Post()
  async create(@Body() body: unknown, @Req() asked: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<StudyObject> {
    const study = await this.studies.create(callerOf(asked, reply), body);
    void reply.header('location', `/v1/studies/${study.id}`);
    return this.#show(study);
  }

  @Get()
  async list(@Req() asked: FastifyRequest): Promise<StudyList> {
    const studies = await this.studies.list(tenantOf(asked));
    return { object: 'list', data: await Promise.all(studies.map((study) => this.#show(study))) };
  }

  @Get(':id')
  async read(@Param('id') id: string, @Req() asked: FastifyRequest): Promise<StudyObject> {
    return this.#show(await this.studies.find(tenantOf(asked), id));
  }

  @Delete(':id')
  async remove(@Param('id') id: string, @Req() asked: FastifyRequest): Promise<StudyDeleted> {
    await this.studies.remove(tenantOf(asked), id);
    return { id, object: 'study', deleted: true };
  }

  @Post(':id/pairs')
  @HttpCode(200)
  async pair(@Param('id') id: string, @Req() asked: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<StudyPairObject> {
    return this.booth.next(await this.studies.find(tenantOf(asked), id), callerOf(asked, reply));
  }

  @Post(':id/votes')
  async vote(@Param('id') id: string, @Body() body: unknown, @Req() asked: FastifyRequest): Promise<VoteObject> {
    return this.booth.cast(await this.studies.find(tenantOf(asked), id), body);
  }

  @Get(':id/votes')
  async votes(@Param('id') id: string, @Query('format') format: unknown, @Req() asked: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<VoteList | string> {
    const asCsv = isCsv(format);
    const study = await this.studies.find(tenantOf(asked), id);
    const data = (await this.book.votes(study)).map((vote) => castVote(study, vote));
    void reply.header('content-disposition', `attachment; filename="${study.id}-votes.${asCsv ? 'csv' : 'json'}"`);
    if (!asCsv) return { object: 'list', data };
    void reply.header('content-type', 'text/csv; charset=utf-8');
    return votesCsv(data);
  }

  @Get(':id/results')
  async results(@Param('id') id: string, @Req() asked: FastifyRequest): Promise<StudyResults> {
    const study = await this.studies.find(tenantOf(asked), id);
    return studyResults(study, await this.book.votes(study));
  }

  async #show(study: Study): Promise<StudyObject> {
    return studyObject(study, await this.book.tally(study));
  }
}

function isCsv(format: unknown): boolean {
  if (format === undefined || format === 'json' || format === 'csv') return format === 'csv';
  throw new SlipstreamError('invalid_request', 'format must be json or csv', { param: 'format' });
}
