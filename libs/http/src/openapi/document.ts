import { setImmediate as turn } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { describeAll, refusal } from './describe.js';
import { componentSchemas } from './schemas.js';
import { withoutClashes } from './schemas/portable.js';

const TAGS = {
  writing: 'Statements, retractions, voids and corrections.',
  reading:
    'States, timelines and histories of places, now and as of a past moment; the rules that derive them.',
  'register of places': 'Places with their names, codes, coordinates and merges.',
  'the log': 'The events that everything is derived from, and proofs that the log is complete.',
  sessions: 'Signing in a browser.',
  replays: 'Runs that rebuild the read models or replay the history.',
  keys: 'Keys of callers, for admins.',
  operating: 'Health, readiness and metrics of the service.',
};

const ABOUT = `Who says what about a place, since when, on what evidence, and how disputed it is.

Times are in UTC (RFC 3339). A write answers with a token; a read with this token as \`after\` sees the write.
A list answers \`items\` and \`nextCursor\`, which asks for the next page as \`cursor\`.
Errors are \`application/problem+json\` (RFC 9457).

A key is sent as \`Authorization: Bearer <key>\`. It has roles: \`read\`, which is part of all others, \`ingest\`, \`curate\`, \`operate\`,
and \`admin\`, which has all of them. Each operation says which it needs. What is open to everybody is in the answer of \`/readyz\`.`;

/** The kinds of credentials, by the names that operations refer to them by. */
const SECURITY_SCHEMES = {
  key: { type: 'http', scheme: 'bearer', description: 'A key, as `claimline keys create` prints it' },
} as const;

/** Whether Accept chooses the form of an answer (forms.ts). */
const isNegotiated = (path: string) => path.startsWith('/v1/') || path === '/metrics';

const METHODS = ['get', 'post', 'put', 'delete'] as const;
/** They answer under any name. */
const PROBES = new Set(['/healthz', '/readyz']);
const FOREIGN = 'A page of another origin may not write';
/** The reason for a 403 that an operation has already, before another one. */
const ofRole = (response: object | undefined): string =>
  response && 'description' in response ? `${String(response.description)}; or: ` : '';

/** The description of the API, made from its controllers and validators. Other requests are answered meanwhile. */
export async function openApiDocument(app: NestFastifyApplication): Promise<object> {
  const ofParameters = await describeAll();
  await turn();
  const components = componentSchemas();
  await turn();
  const schemas = withoutClashes({ ...ofParameters, ...components });
  await turn();
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Claimline')
    .setDescription(ABOUT)
    .setVersion('1')
    .setContact('The operator of this service', '', '')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    // The folder of this document: valid behind any prefix of a proxy.
    .addServer('.', 'This service');
  for (const [tag, description] of Object.entries(TAGS)) builder.addTag(tag, description);
  const { info, components: _components, ...document } = SwaggerModule.createDocument(app, builder.build());
  for (const [path, methods] of Object.entries(document.paths)) {
    if (methods.get && isNegotiated(path))
      methods.get.responses[406] = refusal('Accept names no media type that is available');
    for (const method of METHODS) {
      const responses = methods[method]?.responses;
      if (!responses) continue;
      if (!PROBES.has(path)) responses[421] = refusal('The Host is none that is served');
      if (path.includes('{')) responses[414] = refusal('A part of the path is too long');
      if (method !== 'get') responses[403] = refusal(`${ofRole(responses[403])}${FOREIGN}`);
    }
  }
  return {
    ...document,
    info: { ...info, contact: { name: info.contact!.name } },
    security: [],
    components: { schemas, securitySchemes: SECURITY_SCHEMES },
  };
}
