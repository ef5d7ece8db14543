import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { describeAll, refusal } from './describe.js';
import { componentSchemas } from './schemas.js';
import { withoutClashes } from './schemas/portable.js';

const TAGS = {
  writing: 'Statements, and what becomes of them: retractions, voids, corrections.',
  reading:
    'States, timelines and histories of places, now and as of a past moment; the rules that they are derived with.',
  'register of places': 'Places with their names, codes, coordinates and merges.',
  'the log': 'The events that everything is derived from, and proofs that they are all there.',
  replays: 'Runs that make the read models anew, or give history out again.',
  operating: 'Whether the service is well.',
};

const ABOUT = `Who says what about a place, since when, on what evidence, and how disputed it is.

Times are in UTC (RFC 3339). A write answers with a token; a read with \`after\` of it has what was written.
A list answers \`items\` and \`nextCursor\`, which asks for the next page as \`cursor\`.
Errors are \`application/problem+json\` (RFC 9457). There are no keys yet: whoever reaches the service may use it.`;

/** Whether Accept chooses the form of an answer (forms.ts). */
const isNegotiated = (path: string) => path.startsWith('/v1/') || path === '/metrics';

/** The description of the API, made of its controllers and validators. */
export function openApiDocument(app: NestFastifyApplication): object {
  const schemas = withoutClashes({ ...describeAll(), ...componentSchemas() });
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Claimline')
    .setDescription(ABOUT)
    .setVersion('1')
    .setContact('Whoever runs this service', '', '')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    // Where this document lies: so it holds behind any prefix of a proxy.
    .addServer('.', 'This service');
  for (const [tag, description] of Object.entries(TAGS)) builder.addTag(tag, description);
  const { info, components: _components, ...document } = SwaggerModule.createDocument(app, builder.build());
  for (const [path, { get }] of Object.entries(document.paths))
    if (get && isNegotiated(path)) get.responses[406] = refusal('It has no form that Accept names');
  return {
    ...document,
    info: { ...info, contact: { name: info.contact!.name } },
    security: [],
    components: { schemas },
  };
}
