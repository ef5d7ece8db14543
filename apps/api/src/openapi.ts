import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openApiDocument } from './document.js';

const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Claimline API</title><link rel="stylesheet" href="docs/assets/swagger-ui.css"></head>
<body><div id="swagger-ui"></div><script src="docs/assets/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({ url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true });</script></body>
</html>
`;

const ASSETS = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript' };

/** The description of the API at /openapi.json, made from its controllers and validators, and a page for it at /docs. */
export function serveOpenApi(app: NestFastifyApplication): void {
  // Made for the first who asks: a start does not wait for it.
  let json: string | undefined;

  const fastify = app.getHttpAdapter().getInstance();
  fastify.get('/openapi.json', (_request, reply) => reply.type('application/json').send((json ??= JSON.stringify(openApiDocument(app)))));
  fastify.get('/docs', (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
  const page = createRequire(import.meta.url);
  for (const [file, type] of Object.entries(ASSETS))
    fastify.get(`/docs/assets/${file}`, (_request, reply) =>
      reply.type(type).header('cache-control', 'max-age=3600').send(createReadStream(page.resolve(`swagger-ui-dist/${file}`))),
    );
}
