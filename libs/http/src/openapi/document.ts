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

/** The description of the API, made from its controllers and validators. */
export function openApiDocument(app: NestFastifyApplication): object {
  const schemas = withoutClashes({ ...describeAll(), ...componentSchemas() });
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
  for (const [path, { get }] of Object.entries(document.paths))
    if (get && isNegotiated(path))
      get.responses[406] = refusal('Accept names no media type that is available');
  return {
    ...document,
    info: { ...info, contact: { name: info.contact!.name } },
    security: [],
    components: { schemas, securitySchemes: SECURITY_SCHEMES },
  };
}
