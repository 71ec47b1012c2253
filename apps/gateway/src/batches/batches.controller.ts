import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { BatchList, BatchObject } from '@slipstream/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, tenantOf } from '../admission/caller.js';
import type { PageQuery } from '../list-page.js';
import { BatchDriver } from './batch-driver.js';
import { batchObject } from './batch-object.js';
import { Batches } from './batches.js';

/** OpenAI's Batches: many requests as one file, and what came of them as another. */
@Controller('v1/batches')
export class BatchesController {
  constructor(
    @Inject(Batches) private readonly batches: Batches,
    @Inject(BatchDriver) private readonly driver: BatchDriver,
  ) {}

  @Post()
  @HttpCode(200)
  async create(@Body() body: unknown, @Req() asked: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<BatchObject> {
    const batch = await this.batches.create(callerOf(asked, reply), body);
    this.driver.kick();
    return batchObject(batch);
  }

  @Get()
  async list(@Query() query: PageQuery, @Req() asked: FastifyRequest): Promise<BatchList> {
    const { batches, more } = await this.batches.list(tenantOf(asked), query);
    return { object: 'list', data: batches.map(batchObject), first_id: batches[0]?.id ?? null, last_id: batches.at(-1)?.id ?? null, has_more: more };
  }

  @Get(':id')
  async read(@Param('id') id: string, @Req() asked: FastifyRequest): Promise<BatchObject> {
    return batchObject(await this.batches.find(tenantOf(asked), id));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  async cancel(@Param('id') id: string, @Req() asked: FastifyRequest): Promise<BatchObject> {
    return batchObject(await this.batches.cancel(tenantOf(asked), id));
  }
}
