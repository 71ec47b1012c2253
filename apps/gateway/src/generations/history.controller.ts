import { Controller, Delete, Get, Inject, Param, Query, Req } from '@nestjs/common';
import type { GenerationDeleted, GenerationList } from '@slipstream/contracts';
import type { FastifyRequest } from 'fastify';
import { identityOf } from '../admission/caller.js';
import { GenerationView } from './generation-view.js';
import { History, type HistoryQuery } from './history.js';

/** A tenant's generations as a list, and out of it. */
@Controller('v1/generations')
export class HistoryController {
  constructor(
    @Inject(History) private readonly history: History,
    @Inject(GenerationView) private readonly view: GenerationView,
  ) {}

  /** `last_id` is what the next page comes `after`. */
  @Get()
  async list(@Query() query: HistoryQuery, @Req() asked: FastifyRequest): Promise<GenerationList> {
    const { records, next } = await this.history.list(identityOf(asked).tenant.id, query);
    const data = await Promise.all(records.map((record) => this.view.show(record)));
    return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: next ?? data.at(-1)?.id ?? null, has_more: next !== undefined };
  }

  @Delete(':id')
  async remove(@Param('id') id: string, @Req() asked: FastifyRequest): Promise<GenerationDeleted> {
    await this.history.forget(id, identityOf(asked));
    return { id, object: 'generation', deleted: true };
  }
}
