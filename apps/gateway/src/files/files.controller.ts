import { Readable } from 'node:stream';
import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { SlipstreamError, type FileDeleted, type FileList, type FileObject } from '@slipstream/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, tenantOf } from '../admission/caller.js';
import { letDeafReaderGo } from '../deaf-reader.js';
import { fileObject } from './file-object.js';
import { Files, type FilesQuery } from './files.js';

/** OpenAI's Files: where the requests of batches come in, and their results go out. */
@Controller('v1/files')
export class FilesController {
  constructor(@Inject(Files) private readonly files: Files) {}

  @Post()
  @HttpCode(200)
  async upload(@Req() asked: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<FileObject> {
    if (!(asked.body instanceof Readable)) throw new SlipstreamError('unsupported_media_type', 'a file comes as multipart/form-data', { param: 'content-type', remedy: 'send a form with the parts "purpose" and "file"' });
    return fileObject(await this.files.upload(callerOf(asked, reply), asked.body, asked.headers));
  }

  @Get()
  async list(@Query() query: FilesQuery, @Req() asked: FastifyRequest): Promise<FileList> {
    const { files, more } = await this.files.list(tenantOf(asked), query);
    return { object: 'list', data: files.map(fileObject), first_id: files[0]?.id ?? null, last_id: files.at(-1)?.id ?? null, has_more: more };
  }

  @Get(':id')
  async read(@Param('id') id: string, @Req() asked: FastifyRequest): Promise<FileObject> {
    return fileObject(await this.files.find(tenantOf(asked), id));
  }

  @Get(':id/content')
  async content(@Param('id') id: string, @Req() asked: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<StreamableFile> {
    const { file, slices } = await this.files.content(tenantOf(asked), id);
    letDeafReaderGo(reply.raw);
    void reply.headers({ 'x-content-type-options': 'nosniff', 'content-disposition': 'attachment' });
    return new StreamableFile(Readable.from(slices, { objectMode: false }), { type: 'application/jsonl', length: file.sizeBytes });
  }

  @Delete(':id')
  async remove(@Param('id') id: string, @Req() asked: FastifyRequest): Promise<FileDeleted> {
    await this.files.remove(tenantOf(asked), id);
    return { id, object: 'file', deleted: true };
  }
}
