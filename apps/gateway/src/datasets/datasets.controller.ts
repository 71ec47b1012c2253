import { Readable } from 'node:stream';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { datasetPrefix, type DatasetDeleted, type DatasetList, type DatasetObject, type DatasetShardList } from '@slipstream/contracts';
import type { SignedQuery } from '@slipstream/storage';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, tenantOf } from '../admission/caller.js';
import { letDeafReaderGo } from '../deaf-reader.js';
import type { PageQuery } from '../list-page.js';
import { Pictures } from '../pictures/pictures.js';
import { DatasetView } from './dataset-view.js';
import { Datasets } from './datasets.js';

/** Data sets: asked for once, found as shards. */
@Controller('v1/datasets')
export class DatasetsController {
  constructor(
    @Inject(Datasets) private readonly datasets: Datasets,
    @Inject(DatasetView) private readonly view: DatasetView,
    @Inject(Pictures) private readonly pictures: Pictures,
  ) {}

  @Post()
  async create(@Body() body: unknown, @Req() asked: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<DatasetObject> {
    const dataset = await this.datasets.create(callerOf(asked, reply), body);
    void reply.header('location', `/v1/datasets/${dataset.id}`);
    return this.view.show(dataset);
  }

  @Get()
  async list(@Query() query: PageQuery, @Req() asked: FastifyRequest): Promise<DatasetList> {
    const { datasets, more } = await this.datasets.list(tenantOf(asked), query);
    return { object: 'list', data: await Promise.all(datasets.map((dataset) => this.view.show(dataset))), has_more: more };
  }

  @Get(':id')
  async read(@Param('id') id: string, @Req() asked: FastifyRequest): Promise<DatasetObject> {
    return this.view.show(await this.datasets.find(tenantOf(asked), id));
  }

  @Get(':id/shards')
  async shards(@Param('id') id: string, @Query() query: PageQuery, @Req() asked: FastifyRequest): Promise<DatasetShardList> {
    return this.view.shards(await this.datasets.find(tenantOf(asked), id), query);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  async cancel(@Param('id') id: string, @Req() asked: FastifyRequest): Promise<DatasetObject> {
    return this.view.show(await this.datasets.cancel(tenantOf(asked), id));
  }

  @Delete(':id')
  async remove(@Param('id') id: string, @Req() asked: FastifyRequest): Promise<DatasetDeleted> {
    await this.datasets.remove(tenantOf(asked), id);
    return { id, object: 'dataset', deleted: true };
  }

  /** Of folder storage, by a link that is signed. */
  @Get(':id/files/:file')
  async file(@Param() { id, file }: { id: string; file: string }, @Query() query: SignedQuery, @Res({ passthrough: true }) reply: FastifyReply): Promise<StreamableFile> {
    const { slices, sizeBytes, contentType } = await this.pictures.streamBySignedLink(`${datasetPrefix(id)}${file}`, query);
    letDeafReaderGo(reply.raw);
    void reply.headers({ 'cache-control': 'private, max-age=300', 'x-content-type-options': 'nosniff' });
    return new StreamableFile(Readable.from(slices, { objectMode: false }), { type: contentType, length: sizeBytes, disposition: 'attachment' });
  }
}
