import { Controller, Delete, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../admission/caller.js';
import { Tenants } from '../admission/tenants.js';
import { GenerationView } from './generation-view.js';
import { History, type HistoryQuery } from './history.js';

/** A tenant's generations as a list, and out of it. */
@Controller('v1/generations')
export class HistoryController {
  constructor(
    @Inject(History) private readonly history: History,
    @Inject(GenerationView) private readonly view: GenerationView,
    @Inject(Tenants) private readonly tenants: Tenants,
  ) {}

  /** `last_id` is what the next page comes `after`. */
  @Get()
  async list(@Query() query: HistoryQuery, @Req() asked: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { records, next } = await this.history.list(this.tenants.tenantOf(callerOf(asked, reply)).id, query);
    const data = await Promise.all(records.map((record) => this.view.show(record)));
    return { object: 'list' as const, data, first_id: data[0]?.id ?? null, last_id: next ?? data.at(-1)?.id ?? null, has_more: next !== undefined };
  }

  @Delete(':id')
  async remove(@Param('id') id: string): Promise<{ id: string; object: 'generation'; deleted: true }> {
    await this.history.forget(id);
    return { id, object: 'generation', deleted: true };
  }
}
