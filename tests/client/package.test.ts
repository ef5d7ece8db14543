import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Unsteady } from './unsteady.js';

/** A project of somebody who has installed the package; without kafkajs by default. */
const project = mkdtempSync(join(tmpdir(), 'claimline-package-'));
afterAll(() => rmSync(project, { recursive: true, force: true }));

function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: project, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

/** As npm would install a dependency: what of the repository's node_modules it needs, and nothing else. */
function link(name: string): void {
  const path = join(project, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(resolve('node_modules', name), path);
}

const installed = join(project, 'node_modules/@claimline/client');
const write = (file: string, content: string) => writeFileSync(join(project, file), content);

beforeAll(() => {
  const archive = run(process.execPath, resolve('libs/client/pack.mjs'), join(project, 'packed')).trim();
  mkdirSync(installed, { recursive: true });
  run('tar', '-xzf', archive, '-C', installed, '--strip-components=1');
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of [...Object.keys(dependencies), '@types/node', 'undici-types']) link(name);
  write('package.json', '{"type": "module"}');
});

describe('@claimline/client, packed and installed', () => {
  test('says what it is and needs', () => {
    const root = JSON.parse(readFileSync('package.json', 'utf8')) as {
      version: string;
      dependencies: Record<string, string>;
    };
    const own = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as object;
    const { zod, hysnappy, 'lz4-napi': lz4, zstddec } = root.dependencies;
    expect(own).toMatchObject({
      name: '@claimline/client',
      version: root.version,
      dependencies: { zod, hysnappy, 'lz4-napi': lz4, zstddec },
      peerDependencies: { kafkajs: expect.any(String) },
    });
    expect(Object.keys((own as { dependencies: object }).dependencies)).toHaveLength(4);
    for (const file of ['README.md', 'LICENSE'])
      expect(readFileSync(join(installed, file), 'utf8')).not.toBe('');
  });

  test('runs', async () => {
    const service = await Unsteady.open(() => ({ body: { results: [{}], token: '' } }));
    write(
      'worker.js',
      `import { createProducer, NotSent } from '@claimline/client';
       const statement = { stance: 'assert', claim: { predicate: 'fighting' }, location: { name: 'Village' },
         speaker: { name: 'Somebody' }, statedAt: '2025-11-20' };
       const claimline = createProducer({ url: '${service.url}' });
       console.log(...(await claimline.produce(statement)));
       await claimline.close();
       const kafka = createProducer({ brokers: ['127.0.0.1:9'] });
       await kafka.produce(statement);
       console.log(await kafka.flush().catch((error) => error instanceof NotSent && error.message));`,
    );
    // Not spawnSync: this process answers it.
    const worker = spawn(process.execPath, ['worker.js'], {
      cwd: project,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    for await (const chunk of worker.stdout) said += String(chunk);
    expect(said.split('\n')).toEqual([
      expect.stringMatching(/^[0-9a-f-]{36}$/),
      '1 not acknowledged: Kafka needs the package kafkajs: npm install kafkajs',
      '',
    ]);
    expect(JSON.parse(service.seen[0]!.body)).toMatchObject([{ location: { name: 'Village' } }]);
    await service.close();
  });

  test.each(['without kafkajs', 'with kafkajs'])(
    'has types that hold, also those of its own libraries (%s)',
    (how) => {
      if (how === 'with kafkajs') link('kafkajs');
      write(
        'typed.ts',
        `import { createProducer, readEvents, type Producer, type Refusal, type StatementInput } from '@claimline/client';
       const statement: StatementInput = { stance: 'deny', claim: { predicate: 'captured', actor: 'russia' },
         location: { id: 'gn-1' }, via: ['TASS'], source: { outlet: 'outlet.example', publishedAt: '2025-11-20' } };
       const claimline: Producer = createProducer({ url: 'http://127.0.0.1:3000',
         onRefused: ({ code, errors }: Refusal) => console.log(code, errors?.[0]?.pointer) });
       createProducer({ brokers: ['127.0.0.1:9092'], prefix: 'claimline', ssl: { ca: 'pem' },
         sasl: { mechanism: 'scram-sha-256', username: 'u', password: 'p' } });
       const [id]: string[] = await claimline.produce([statement]);
       const count: number = await claimline.produce(new Set([statement]));
       console.log(id, count);
       for await (const event of readEvents({ brokers: ['127.0.0.1:9092'], types: ['claim.denied', 'statement.voided'] })) {
         if (event.type === 'claim.denied') console.log(event.data.claim.predicate, event.shard, event.position);
         else console.log(event.data.reason);
       }
       // @ts-expect-error a predicate that there is not
       await claimline.produce({ ...statement, claim: { predicate: 'took' } });
       // @ts-expect-error both
       createProducer({ url: 'http://127.0.0.1:3000', brokers: ['127.0.0.1:9092'] });
       // @ts-expect-error neither
       createProducer({});`,
      );
      write(
        'tsconfig.json',
        JSON.stringify({
          compilerOptions: {
            module: 'nodenext',
            target: 'es2023',
            strict: true,
            skipLibCheck: false,
            noEmit: true,
            types: ['node'],
            exactOptionalPropertyTypes: true,
          },
          files: ['typed.ts'],
        }),
      );
      run(process.execPath, resolve('node_modules/typescript7/bin/tsc'), '-p', '.');
    },
  );
});
