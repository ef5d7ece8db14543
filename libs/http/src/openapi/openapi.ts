import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openApiDocument } from './document.js';

/** Its links are relative, so that they work behind any prefix of a proxy. */
const pageAt = (docs: string) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Claimline API</title><link rel="stylesheet" href="${docs}assets/swagger-ui.css"></head>
<body><div id="swagger-ui"></div><script src="${docs}assets/swagger-ui-bundle.js"></script>
<script src="${docs}assets/start.js"></script></body>
</html>
`;
const [AT_DOCS, UNDER_DOCS] = [pageAt('docs/'), pageAt('')];

/** A file, because the policy of the page lets no script run that stands in it. */
const START = `SwaggerUIBundle({
  url: new URL('../../openapi.json', document.currentScript.src).href,
  dom_id: '#swagger-ui',
  deepLinking: true,
});
`;

const ASSETS = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript' };
const FRESH = 'max-age=3600';

/** The description of the API at /openapi.json, made from its controllers and validators, and a page for it at /docs. */
export function serveOpenApi(app: NestFastifyApplication): void {
  // Made on the first request, so that a start does not wait for it.
  let json: Promise<Buffer> | undefined;
  const make = async () => Buffer.from(JSON.stringify(await openApiDocument(app)));

  const fastify = app.getHttpAdapter().getInstance();
  const docs = { config: { operation: 'getDocs' } } as const;
  fastify.get('/openapi.json', { config: { operation: 'getOpenApi' } }, async (_request, reply) =>
    reply.type('application/json').send(await (json ??= make())),
  );
  fastify.get('/docs', docs, (request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .send(request.url.split('?', 1)[0]!.endsWith('/') ? UNDER_DOCS : AT_DOCS),
  );
  fastify.get('/docs/assets/start.js', docs, (_request, reply) =>
    reply.type('text/javascript').header('cache-control', FRESH).send(START),
  );
  const page = createRequire(import.meta.url);
  for (const [file, type] of Object.entries(ASSETS)) {
    let content: Buffer | undefined;
    fastify.get(`/docs/assets/${file}`, docs, (_request, reply) => {
      content ??= readFileSync(page.resolve(`swagger-ui-dist/${file}`));
      return reply.type(type).header('cache-control', FRESH).send(content);
    });
  }
}
