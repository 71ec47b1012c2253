import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import type { SignedQuery } from '@slipstream/storage';
import type { FastifyReply } from 'fastify';
import { Pictures } from './pictures.js';

/** Serves the pictures of folder storage to who holds a signed URL. */
@Controller('v1/pictures')
export class PicturesController {
  constructor(@Inject(Pictures) private readonly pictures: Pictures) {}

  @Get(':generation/:file')
  async read(@Param() { generation, file }: { generation: string; file: string }, @Query() query: SignedQuery, @Res() reply: FastifyReply): Promise<void> {
    const { bytes, contentType } = await this.pictures.bySignedLink(`pictures/${generation}/${file}`, query);
    void reply.headers({ 'content-type': contentType, 'cache-control': 'private, max-age=300', 'x-content-type-options': 'nosniff' });
    await reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
}
