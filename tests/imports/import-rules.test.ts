import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';

const CRUISER = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const CONFIG = '.dependency-cruiser.cjs';

/** Everything that the rules forbid in a source tree, as "rule: from -> to". */
function violationsIn(root: string): string[] {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [CRUISER, 'apps', 'libs', 'tests', '--config', CONFIG, '--output-type', 'json'],
    { cwd: root, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
  );
  if (stdout === '') throw new Error(stderr);
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { rule: { name: string }; from: string; to: string }[]; totalCruised: number };
  };
  expect(summary.totalCruised).toBeGreaterThan(0);
  return summary.violations
    .map(({ rule, from, to }) => `${rule.name}: ${from}${to === from ? '' : ` -> ${to}`}`)
    .toSorted();
}

/** A small tree of the same layout in which each line of `WRONG` breaks one rule and nothing else does. */
const SOUND: Record<string, string> = {
  ...Object.fromEntries(
    [
      'access',
      'concurrency',
      'domain',
      'platform',
      'messaging',
      'client',
      'log',
      'places',
      'commands',
      'transparency',
      'feed',
      'intake',
      'projection',
      'queries',
      'jobs',
      'transfer',
      'service',
      'http',
    ].map((name) => [`libs/${name}/src/index.ts`, 'export {};']),
  ),
  'libs/domain/src/names.ts': "import 'node:crypto';",
  'libs/domain/src/names.test.ts': "import 'fast-check'; import 'node:fs'; import './names.js';",
  'libs/messaging/src/message.ts': "import '#libs/concurrency'; import '#libs/domain';",
  'libs/client/src/send.ts': "import '#libs/domain'; import '#libs/messaging';",
  'libs/log/src/append.ts': "import '#libs/domain';",
  'libs/places/src/resolve.ts': "import '#libs/domain'; import '#libs/log';",
  'libs/commands/src/record.ts':
    "import '#libs/concurrency'; import '#libs/domain'; import '#libs/log'; import '#libs/places'; import '#libs/platform';",
  'libs/transparency/src/verify.ts': "import '#libs/domain'; import '#libs/log';",
  'libs/feed/src/read.ts': "import '#libs/domain'; import '#libs/messaging';",
  'libs/intake/src/take.ts':
    "import '#libs/commands'; import '#libs/domain'; import '#libs/log'; import '#libs/messaging';",
  'libs/projection/src/fold.ts': "import '#libs/domain'; import '#libs/feed';",
  'libs/queries/src/list.ts': "import '#libs/domain'; import '#libs/projection';",
  'libs/jobs/src/publish.ts':
    "import '#libs/domain'; import '#libs/log'; import '#libs/messaging'; import '#libs/projection'; import '#libs/queries';",
  'libs/transfer/src/export.ts':
    "import '#libs/commands'; import '#libs/domain'; import '#libs/jobs'; import '#libs/log'; import '#libs/queries';",
  'libs/feed/src/feed.module.ts': "import '@nestjs/common'; import '#modules/log';",
  'libs/log/src/log.module.ts': 'export {};',
  'libs/service/src/work.ts': "import '#libs/platform'; import '#modules/log'; import '@nestjs/common';",
  'libs/http/src/answer.ts': "import '#libs/commands'; import '#libs/queries'; import '#libs/transfer';",
  'libs/surprise/src/index.ts': 'export {};',
  'apps/api/src/main.ts': "import '#libs/domain'; import '#libs/platform';",
  'apps/projector/src/main.ts': 'export {};',
  'apps/cli/src/main.ts': "import '#libs/domain'; import '#modules/feed';",
  'tests/flow.test.ts': "import '#apps/api/src/main.js'; import '#libs/domain';",
  'dist/libs/domain/src/index.js': '',
  'dist/apps/api/src/main.js': '',
  'node_modules/fast-check/package.json': '{"name": "fast-check", "version": "1.0.0", "main": "index.js"}',
  'node_modules/fast-check/index.js': '',
  'node_modules/@nestjs/common/package.json':
    '{"name": "@nestjs/common", "version": "1.0.0", "main": "index.js"}',
  'node_modules/@nestjs/common/index.js': '',
  'node_modules/pg/package.json': '{"name": "pg", "version": "1.0.0", "main": "index.js"}',
  'node_modules/pg/index.js': '',
  'package.json':
    '{"name": "fixture", "type": "module", ' +
    '"imports": {"#libs/*": "./dist/libs/*/src/index.js", "#modules/*": "./dist/libs/*/src/*.module.js", "#apps/*": "./dist/apps/*"}, ' +
    '"dependencies": {"@nestjs/common": "1.0.0", "pg": "1.0.0"}, "devDependencies": {"fast-check": "1.0.0"}}',
};

const WRONG: [file: string, content: string, violation: string][] = [
  ['libs/domain/src/a.ts', "import './b.js';", 'no-cycles: libs/domain/src/a.ts -> libs/domain/src/b.ts'],
  ['libs/domain/src/b.ts', "import type {} from './a.js';", ''],
  [
    'libs/domain/src/one/a.ts',
    "import '../two/a.js';",
    'no-cycles-of-folders: libs/domain/src/one -> libs/domain/src/two',
  ],
  ['libs/domain/src/two/a.ts', 'export {};', ''],
  [
    'libs/domain/src/two/b.ts',
    "import '../one/b.js';",
    'no-cycles-of-folders: libs/domain/src/two -> libs/domain/src/one',
  ],
  ['libs/domain/src/one/b.ts', 'export {};', ''],
  [
    'libs/domain/src/query.ts',
    "import 'pg';",
    'domain-is-pure: libs/domain/src/query.ts -> node_modules/pg/index.js',
  ],
  [
    'libs/domain/src/rows.ts',
    "import type {} from 'pg';",
    'domain-is-pure: libs/domain/src/rows.ts -> node_modules/pg/index.js',
  ],
  ['libs/domain/src/file.ts', "import 'node:fs';", 'domain-is-pure: libs/domain/src/file.ts -> fs'],
  [
    'libs/domain/src/clock.ts',
    "import 'node:timers/promises';",
    'domain-is-pure: libs/domain/src/clock.ts -> timers/promises',
  ],
  [
    'libs/domain/src/log.ts',
    "import '#libs/platform';",
    'domain-imports: libs/domain/src/log.ts -> libs/platform/src/index.ts',
  ],
  [
    'libs/access/src/wrong.ts',
    "import '#libs/http';",
    'access-imports: libs/access/src/wrong.ts -> libs/http/src/index.ts',
  ],
  [
    'libs/concurrency/src/wrong.ts',
    "import '#libs/domain';",
    'concurrency-imports: libs/concurrency/src/wrong.ts -> libs/domain/src/index.ts',
  ],
  [
    'libs/platform/src/wrong.ts',
    "import '#libs/domain';",
    'platform-imports: libs/platform/src/wrong.ts -> libs/domain/src/index.ts',
  ],
  [
    'libs/messaging/src/wrong.ts',
    "import '#libs/platform';",
    'messaging-imports: libs/messaging/src/wrong.ts -> libs/platform/src/index.ts',
  ],
  [
    'libs/client/src/wrong.ts',
    "import '#libs/log';",
    'client-imports: libs/client/src/wrong.ts -> libs/log/src/index.ts',
  ],
  [
    'libs/log/src/wrong.ts',
    "import '#libs/feed';",
    'log-imports: libs/log/src/wrong.ts -> libs/feed/src/index.ts',
  ],
  [
    'libs/places/src/wrong.ts',
    "import '#libs/commands';",
    'places-imports: libs/places/src/wrong.ts -> libs/commands/src/index.ts',
  ],
  [
    'libs/commands/src/wrong.ts',
    "import '#libs/queries';",
    'commands-imports: libs/commands/src/wrong.ts -> libs/queries/src/index.ts',
  ],
  [
    'libs/transparency/src/wrong.ts',
    "import '#libs/projection';",
    'transparency-imports: libs/transparency/src/wrong.ts -> libs/projection/src/index.ts',
  ],
  [
    'libs/feed/src/wrong.ts',
    "import '#libs/places';",
    'feed-imports: libs/feed/src/wrong.ts -> libs/places/src/index.ts',
  ],
  [
    'libs/intake/src/wrong.ts',
    "import '#libs/feed';",
    'intake-imports: libs/intake/src/wrong.ts -> libs/feed/src/index.ts',
  ],
  [
    'libs/projection/src/wrong.ts',
    "import '#libs/queries';",
    'projection-imports: libs/projection/src/wrong.ts -> libs/queries/src/index.ts',
  ],
  [
    'libs/queries/src/wrong.ts',
    "import '#libs/log';",
    'queries-imports: libs/queries/src/wrong.ts -> libs/log/src/index.ts',
  ],
  [
    'libs/jobs/src/wrong.ts',
    "import '#libs/commands';",
    'jobs-imports: libs/jobs/src/wrong.ts -> libs/commands/src/index.ts',
  ],
  [
    'libs/transfer/src/wrong.ts',
    "import '#libs/http';",
    'transfer-imports: libs/transfer/src/wrong.ts -> libs/http/src/index.ts',
  ],
  [
    'libs/service/src/wrong.ts',
    "import '#libs/domain';",
    'service-imports: libs/service/src/wrong.ts -> libs/domain/src/index.ts',
  ],
  [
    'libs/http/src/wrong.ts',
    "import '#libs/client';",
    'http-imports: libs/http/src/wrong.ts -> libs/client/src/index.ts',
  ],
  [
    'libs/surprise/src/wrong.ts',
    "import '#libs/domain';",
    'unlisted-library: libs/surprise/src/wrong.ts -> libs/domain/src/index.ts',
  ],
  [
    'libs/places/src/composed.ts',
    "import '#modules/log';",
    'modules-by-modules: libs/places/src/composed.ts -> libs/log/src/log.module.ts',
  ],
  [
    'libs/feed/src/nest.ts',
    "import '@nestjs/common';",
    'nest-in-modules: libs/feed/src/nest.ts -> node_modules/@nestjs/common/index.js',
  ],
  [
    'libs/feed/src/up.ts',
    "import '#apps/api/src/main.js';",
    'libraries-know-no-app: libs/feed/src/up.ts -> apps/api/src/main.ts',
  ],
  [
    'apps/api/src/across.ts',
    "import '#apps/projector/src/main.js';",
    'apps-stand-alone: apps/api/src/across.ts -> apps/projector/src/main.ts',
  ],
  [
    'apps/api/src/tested.ts',
    "import '../../../tests/flow.test.js';",
    'product-without-tests: apps/api/src/tested.ts -> tests/flow.test.ts',
  ],
  [
    'apps/api/src/random.ts',
    "import 'fast-check';",
    'product-without-dev-packages: apps/api/src/random.ts -> node_modules/fast-check/index.js',
  ],
  [
    'apps/web/src/knowing.ts',
    "import '#libs/domain';",
    'page-stands-alone: apps/web/src/knowing.ts -> libs/domain/src/index.ts',
  ],
  [
    'apps/api/src/inside.ts',
    "import '../../../libs/domain/src/index.js';",
    'libraries-by-their-name: apps/api/src/inside.ts -> libs/domain/src/index.ts',
  ],
  [
    'tests/inside.test.ts',
    "import '../libs/domain/src/names.js';",
    'libraries-by-their-name: tests/inside.test.ts -> libs/domain/src/names.ts',
  ],
  [
    'libs/feed/src/inside.ts',
    "import '../../domain/src/names.js';",
    'other-libraries-by-their-name: libs/feed/src/inside.ts -> libs/domain/src/names.ts',
  ],
  [
    'tests/built.test.ts',
    "import '../dist/libs/domain/src/index.js';",
    'not-to-the-build: tests/built.test.ts -> dist/libs/domain/src/index.js',
  ],
  [
    'apps/api/src/deep.ts',
    "import '#libs/domain/src/names.js';",
    'resolvable: apps/api/src/deep.ts -> #libs/domain/src/names.js',
  ],
  [
    'tests/vague.test.ts',
    "import './support/helpers.js';",
    'no-vague-names: tests/vague.test.ts -> tests/support/helpers.ts',
  ],
  ['tests/support/helpers.ts', '', ''],
  ['libs/feed/src/utils/dates.ts', '', 'no-vague-names-unused: libs/feed/src/utils/dates.ts'],
];

const root = realpathSync(mkdtempSync(join(tmpdir(), 'claimline-imports-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(files: Iterable<[string, string]>): void {
  for (const [file, content] of files) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
}

describe('import rules', () => {
  test('hold for the sources', () => {
    expect(violationsIn(resolve())).toEqual([]);
  });

  test('allow what the layout allows', () => {
    for (const file of [CONFIG, '.dependency-cruiser.resolve.cjs']) cpSync(file, join(root, file));
    write(Object.entries(SOUND));
    expect(violationsIn(root)).toEqual([]);
  });

  test('each fires where it is broken, and nowhere else', () => {
    write(WRONG.map(([file, content]) => [file, content]));
    const expected = WRONG.map(([, , violation]) => violation).filter(Boolean);
    expect(violationsIn(root)).toEqual(expected.toSorted());

    const { forbidden } = createRequire(join(root, 'package.json'))(`./${CONFIG}`) as {
      forbidden: { name: string }[];
    };
    const fired = new Set(expected.map((violation) => violation.split(':')[0]));
    expect(forbidden.map(({ name }) => name).filter((name) => !fired.has(name))).toEqual([]);
  });
});
