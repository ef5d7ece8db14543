import { join } from 'node:path';
import { createReadStream } from 'node:fs';
import { Access, opennessLine } from '#libs/access';
import type { Evidence, Flag, LocationState } from '#libs/domain';
import { type CommandExecutor, COMMANDS, recordInBatches } from '#libs/commands';
import { EventStore } from '#libs/log';
import { createLogger, packagePath, type Settings } from '#libs/platform';
import type { StatementItem } from '#libs/queries';
import type { Part } from '#libs/service';
import { inputLinesOf } from '#libs/transfer';
import { type Service, startService, untilStopped } from '#modules/service';
import { AppModule } from './app.module.js';

const DEMO_PARTS: Part[] = ['api', 'projector'];

const SAMPLE = packagePath('examples', 'kupiansk-2025-11');
const KUPIANSK = 'gn-703656';

/** `claimline demo`: loads the sample into a store of its own, shows it, and serves it until stopped. */
export async function demo(settings: Settings): Promise<boolean> {
  const log = createLogger(settings.logLevel === 'info' ? 'warn' : settings.logLevel);
  const service = await startService(
    AppModule.of(DEMO_PARTS),
    DEMO_PARTS,
    {
      ...settings,
      kafka: undefined,
      dataDir: join(settings.dataDir, 'demo'),
      gazetteerFile: join(SAMPLE, 'gazetteer.ndjson'),
    },
    log,
  );
  const say = (text: string) => process.stdout.write(`${text}\n`);
  try {
    const token = await load(service);
    say(`\nA sample of what was said about Kupiansk and places near it, November 2025:\n`);
    const { items } = await get<{ items: LocationState[] }>(
      service,
      `/v1/locations?limit=500&order=statements&after=${token}`,
    );
    say(table(items.filter(({ statements }) => statements > 0)));
    const timeline = await get<{ items: StatementItem[] }>(service, `/v1/locations/${KUPIANSK}/timeline`);
    say(`\nThe timeline of Kupiansk:\n`);
    for (const item of timeline.items)
      say(
        `  ${item.statedAt.slice(0, 10)}  ${who(item)} ${item.stance === 'assert' ? 'asserts' : 'denies'} ${proposition(item)}`,
      );
    say(`\nClaimline is ready at ${service.url}\n`);
    const open = opennessLine(service.app.get(Access));
    if (open !== undefined) say(`  ${open}`);
    say(`  the page, in a browser   ${service.url}`);
    say(`  the state of Kupiansk    curl ${service.url}/v1/locations/${KUPIANSK}`);
    say(`  its history              curl ${service.url}/v1/locations/${KUPIANSK}/history`);
    say(`  what changes, live       curl -N ${service.url}/v1/stream`);
    say(`  the whole API            ${service.url}/docs`);
    say(
      `\nStop it with Ctrl-C; the data stays in ${join(settings.dataDir, 'demo')}. An empty store of your own: npm start`,
    );
  } catch (error) {
    await service.stop();
    throw error;
  }
  return untilStopped(service, log);
}

/** Records the sample. @returns the token at which the read models show all of it */
async function load({ app }: Service): Promise<string> {
  for await (const batch of recordInBatches(
    app.get<CommandExecutor>(COMMANDS),
    inputLinesOf(createReadStream(join(SAMPLE, 'statements.ndjson'))),
  ))
    for (const { line, outcome } of batch)
      if (!outcome.ok) throw new Error(`line ${line} of the sample: ${outcome.refusal.detail}`);
  const store = app.get(EventStore);
  const heads = await store.heads();
  return store.epochs.format(new Map(heads.map(({ shard, position }) => [shard, position])));
}

async function get<T>({ url }: Service, path: string): Promise<T> {
  // Where the store has keys, the demo needs one too.
  const { CLAIMLINE_KEY: key } = process.env;
  const answer = await fetch(`${url}${path}`, { headers: key ? { authorization: `Bearer ${key}` } : {} });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

function table(states: readonly LocationState[]): string {
  const rows = states.map(({ name, status, rule, control, flags }) => [
    name,
    status,
    rule,
    unique(
      [
        ...control.map(({ holder, assertedBy }) => said(assertedBy.map(speakerOf), `control(${holder})`)),
        ...flags.map((flag) => said(flag.assertedBy, claimOf(flag))),
      ],
      '; ',
    ),
    unique(
      [
        ...control.map(({ holder, deniedBy }) => said(deniedBy.map(speakerOf), `control(${holder})`)),
        ...flags.map((flag) => said(flag.deniedBy, claimOf(flag))),
      ],
      '; ',
    ),
    unique(flags.map(({ flag }) => flag)),
  ]);
  const header = ['place', 'status', 'rule', 'who asserts', 'who denies', 'flags'];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd();
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

const speakerOf = ({ party, speaker, side }: Evidence) => party ?? speaker ?? side;

const claimOf = ({ flag, holder }: Flag) =>
  flag === 'fighting' ? flag : flag === 'encirclement' || flag === 'presence' ? `${flag}(${holder})` : '';

const said = (speakers: readonly string[], what: string) =>
  speakers.length === 0 || what === ''
    ? ''
    : `${unique(speakers.map((one) => one.replace('independent:', '')))}: ${what}`;

const unique = (items: readonly string[], between = ', ') =>
  [...new Set(items)].filter((item) => item !== '').join(between);

const who = ({ speaker, source }: StatementItem) =>
  speaker?.name
    ? `${speaker.name}${speaker.party ? ` (${speaker.party})` : ''}`
    : (speaker?.party ?? source?.outlet ?? 'someone');

function proposition({ claim }: StatementItem): string {
  const extent = claim.extent
    ? 'part' in claim.extent
      ? `, ${claim.extent.part}`
      : `, ${claim.extent.op} ${claim.extent.percent} %`
    : '';
  return `${claim.predicate}(${claim.actor ?? ''}${extent})`;
}
