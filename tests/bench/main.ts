// npm run bench -- [name...] [--runs 5] [--save]: how close we come to what the machine could do (docs/performance.md).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { appendBatches } from './append-batches.js';
import { appendSingles } from './append-singles.js';
import { summary, textTable, type Figure } from './figure.js';
import { prepareGround, type Ground } from './ground.js';
import { httpGet } from './http-get.js';
import { httpPost } from './http-post.js';
import { large } from './large.js';
import { describeMachine, type Machine } from './machine.js';
import { projectLive } from './project-live.js';
import { readLog } from './read-log.js';
import { visible } from './visible.js';

const BENCHES: Record<string, (ground: Ground) => Promise<Figure[]>> = {
  'append-batches': appendBatches,
  'append-singles': appendSingles,
  'read-log': readLog,
  'http-post': httpPost,
  'http-get': httpGet,
  'project-live': projectLive,
  visible,
  large,
};
/** Only by name: they take minutes. */
const LONG = new Set(['large']);

const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string', default: '5' }, save: { type: 'boolean', default: false } } });
const names = positionals.length > 0 ? positionals : Object.keys(BENCHES).filter((name) => !LONG.has(name));
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`there is no bench ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}

const ground = await prepareGround(Number(values.runs), (line) => console.error(line));
try {
  const machine = await describeMachine(ground.folder, ground.url);
  const figures: Figure[] = [];
  for (const name of names) {
    const begin = performance.now();
    ground.say(`${name} ...`);
    figures.push(...(await BENCHES[name]!(ground)));
    ground.say(`${name}: ${((performance.now() - begin) / 1000).toFixed(0)} s`);
  }
  report(machine, figures);
} finally {
  await ground.close();
}

function report(machine: Machine, figures: readonly Figure[]): void {
  const text = `${describe(machine)}\n\n${textTable(figures)}\n\n${notesOf(figures)}\n`;
  console.log(`\n${text}`);
  mkdirSync('reports', { recursive: true });
  writeFileSync('reports/bench.txt', text);
  writeFileSync('reports/bench.json', `${JSON.stringify({ machine, at: new Date().toISOString(), runs: ground.runs, figures: figures.map((figure) => ({ ...figure, ...medians(figure) })) }, null, 2)}\n`);
  if (values.save) saveTo('docs/performance.md', names.every((name) => LONG.has(name)) ? 'large' : 'bench', text);
}

function medians(figure: Figure): object {
  const { ours, limit, ratio, reached } = summary(figure);
  return { median: { ours, limit }, ratio, reached };
}

function describe({ system, processor, cores, memoryGb, node, postgres, fdatasyncUs, loadBefore }: Machine): string {
  return `${new Date().toISOString().slice(0, 10)}, ${system}, ${cores} cores (${processor}), ${memoryGb} GB; Node ${node}, PostgreSQL ${postgres}, fsync on (8 kB made durable: ${fdatasyncUs} us); load before: ${loadBefore}; medians of ${ground.runs} runs`;
}

function notesOf(figures: readonly Figure[]): string {
  return figures.map(({ name, what, notes = {} }) => `- ${name}: ${what}${Object.entries(notes).map(([key, value]) => `; ${key}: ${value}`).join('')}`).join('\n');
}

/** Puts the figures between the marks that the page has for them. */
function saveTo(file: string, mark: string, text: string): void {
  const page = readFileSync(file, 'utf8');
  const [begin, end] = [`<!-- ${mark}: begin -->`, `<!-- ${mark}: end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no place for "${mark}"`);
  writeFileSync(file, `${page.slice(0, from + begin.length)}\n\n${text}\n${page.slice(to)}`);
}
