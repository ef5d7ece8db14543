// npm run package:client: makes dist/client-package, what @claimline/client consists of, and packs it there.
// The dependencies are those that its sources import, in the versions of this repository.
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = process.argv[2] ?? join(root, 'dist', 'client-package');
const own = fileURLToPath(new URL('package', import.meta.url));

rmSync(folder, { recursive: true, force: true });
run(process.execPath, [
  join(root, 'node_modules/typescript7/bin/tsc'),
  '-p',
  join(root, 'libs/client/tsconfig.json'),
  '--outDir',
  folder,
]);

const { version, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const manifest = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'));
manifest.version = version;
for (const name of importedIn(join(folder, 'libs')).filter((one) => !(one in manifest.peerDependencies)))
  manifest.dependencies[name] = dependencies[name];
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
cpSync(join(own, 'README.md'), join(folder, 'README.md'));
cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));

const npm = process.env.npm_execpath
  ? [process.execPath, process.env.npm_execpath]
  : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
const packed = run(npm[0], [...npm.slice(1), 'pack', '--json', '--loglevel=error'], folder);
console.log(join(folder, JSON.parse(packed)[0].filename));

/** The packages that the files of a folder import, also for their types. */
function importedIn(path) {
  const names = new Set();
  for (const file of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(js|d\.ts)$/.test(file)) continue;
    for (const [, specifier] of readFileSync(join(path, file), 'utf8').matchAll(
      /(?:from |import\()['"]([^'".#][^'"]*)['"]/g,
    )) {
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      if (!name.startsWith('node:') && !builtinModules.includes(name)) names.add(name);
    }
  }
  return [...names].toSorted((a, b) => (a < b ? -1 : 1));
}

/** What a program says. Ends this one where it fails. */
function run(program, args, cwd = root) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    shell: program.endsWith('.cmd'),
  });
  if (status === 0) return stdout;
  console.error(
    `${program} ${args.join(' ')} failed:\n${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`,
  );
  process.exit(1);
}
