import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from '@slipstream/server-kit';

/** Where `vite build` of apps/console puts the page, seen from this room's dist. */
const built = fileURLToPath(new URL('../../console/dist/', import.meta.url));

/** The page runs its own files, shows pictures that came inside answers, asks this gateway and nobody else. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Serves the web page under `/console/`. A gateway without it says so and serves the API all the same. */
export async function serveConsole(app: NestFastifyApplication, { logger, folder = built }: { logger: Logger; folder?: string }): Promise<void> {
  if (!existsSync(`${folder}index.html`)) return logger.warn({ folder }, 'there is no page at /console: it is not built (npm run build)');
  await app.register(fastifyStatic, {
    root: folder,
    prefix: '/console',
    redirect: true,
    wildcard: false, // a route for each file that is there, and no path that could lead out
    setHeaders(reply, path) {
      const isHashed = path.startsWith(`${folder}assets/`);
      void reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      void reply.header('content-security-policy', policy);
      void reply.header('x-content-type-options', 'nosniff');
      void reply.header('referrer-policy', 'no-referrer');
    },
  });
}
