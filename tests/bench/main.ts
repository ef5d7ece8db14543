// npm run bench -- [name...] [--runs 5] [--save]: how close we come to what the machine could do (docs/performance.md).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { chosen, type Chosen } from './benches.js';
import { summary, textTable, type Figure } from './figure.js';
import { prepareGround } from './ground.js';
import { describeMachine, type Machine } from './machine.js';
import { peersTable } from './peers/table.js';

/** The page that has the figures of a section; docs/performance.md where none is named. */
const PAGES: Record<string, string> = { growth: 'docs/scaling.md', scale: 'docs/scaling.md' };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '5' }, save: { type: 'boolean', default: false } },
});
let benches: Chosen[];
try {
  benches = chosen(positionals);
} catch (error) {
  console.error((error as Error).message);
  process.exit(2);
}

const ground = await prepareGround(Number(values.runs), (line) => console.error(line));
try {
  const machine = await describeMachine(ground.folder, ground.url);
  const figures = new Map<string, Figure[]>();
  for (const { section, name, measure } of benches) {
    const begin = performance.now();
    ground.say(`${name} ... (load ${loadavg()[0]!.toFixed(2)})`);
    try {
      figures.set(section, [...(figures.get(section) ?? []), ...(await measure(ground))]);
    } catch (error) {
      // What the others measured took long enough to be kept.
      console.error(error);
      process.exitCode = 1;
    }
    ground.say(`${name}: ${((performance.now() - begin) / 1000).toFixed(0)} s`);
  }
  report(machine, [...figures.values()].flat());
  if (values.save)
    for (const [section, of] of figures) {
      saveTo(PAGES[section] ?? 'docs/performance.md', section, textOf(machine, of));
      if (section === 'peers') saveTo('README.md', section, `${peersTable(of)}\n\n${describe(machine)}.\n`);
    }
} finally {
  await ground.close();
}

function report(machine: Machine, figures: readonly Figure[]): void {
  const text = textOf(machine, figures);
  console.log(`\n${text}`);
  mkdirSync('reports', { recursive: true });
  writeFileSync('reports/bench.txt', text);
  const report = {
    machine,
    at: new Date().toISOString(),
    runs: ground.runs,
    figures: figures.map((figure) => ({ ...figure, ...medians(figure) })),
  };
  writeFileSync('reports/bench.json', `${JSON.stringify(report, null, 2)}\n`);
}

function textOf(machine: Machine, figures: readonly Figure[]): string {
  return `${describe(machine)}\n\n${textTable(figures)}\n\n${notesOf(figures)}\n`;
}

function medians(figure: Figure): object {
  const { ours, limit, ratio, reached } = summary(figure);
  return { median: { ours, limit }, ratio, reached };
}

function describe({
  system,
  processor,
  cores,
  memoryGb,
  node,
  postgres,
  fdatasyncUs,
  loadBefore,
}: Machine): string {
  return (
    `${new Date().toISOString().slice(0, 10)}, ${system}, ${cores} cores (${processor}), ${memoryGb} GB; ` +
    `Node ${node}, PostgreSQL ${postgres}, fsync on (8 kB made durable: ${fdatasyncUs} us); ` +
    `load before: ${loadBefore}; medians of ${ground.runs} runs`
  );
}

function notesOf(figures: readonly Figure[]): string {
  return figures
    .map(
      ({ name, what, notes = {} }) =>
        `- ${name}: ${what}${Object.entries(notes)
          .map(([key, value]) => `; ${key}: ${value}`)
          .join('')}`,
    )
    .join('\n');
}

/** Puts the figures between the marks that the page has for them. */
function saveTo(file: string, section: string, text: string): void {
  const page = readFileSync(file, 'utf8');
  const [begin, end] = [`<!-- ${section}: begin -->`, `<!-- ${section}: end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no place for "${section}"`);
  writeFileSync(file, `${page.slice(0, from + begin.length)}\n\n${text}\n${page.slice(to)}`);
}
