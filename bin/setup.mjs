// Makes a checkout ready to run: installs the packages of package-lock.json and builds, if either is out of date.
// Nothing but Node's own modules here, because nothing else may be installed yet.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = [20, 19];
const SOURCES = ['apps', 'libs', 'tests', 'examples', 'tsconfig.json', 'package.json'];
const checkout = fileURLToPath(new URL('..', import.meta.url));

/** Throws an error that says so if this Node is too old. */
export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    throw new Error(`Claimline needs Node.js ${OLDEST_NODE.join('.')} or newer; this is ${version}`);
  }
}

/**
 * Installs and builds what is out of date, with one line for each; says nothing if there is nothing to do. A second
 * process that calls it meanwhile waits for the first.
 * @param {{ root?: string, say?: (line: string) => void }} options root: the checkout, by default this one
 * @returns {Promise<void>} rejects with an Error that holds the output of what failed
 */
export async function setup({ root = checkout, say = (line) => console.error(line) } = {}) {
  checkNode();
  if (isInstalled(root) && isBuilt(root)) return;
  const release = await takeTurn(root, say);
  try {
    if (!isInstalled(root)) await install(root, say);
    if (!isBuilt(root)) await build(root, say);
  } finally {
    release();
  }
}

const installStamp = (root) => join(root, 'node_modules', '.claimline-installed');
const buildStamp = (root) => join(root, 'dist', '.claimline-built');

function isInstalled(root) {
  if (!existsSync(join(root, 'node_modules'))) return false;
  const lock = read(join(root, 'package-lock.json'));
  if (lock === undefined || read(installStamp(root)) === hash(lock)) return true;
  // Whoever ran npm himself need not do it again: npm keeps what it has installed beside the packages.
  const installed = read(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined || !holdsAll(JSON.parse(installed).packages, JSON.parse(lock).packages))
    return false;
  writeFileSync(installStamp(root), hash(lock));
  return true;
}

/** Whether all packages wanted are there, apart from optional ones, which depend on the platform. */
function holdsAll(installed, wanted) {
  return Object.entries(wanted).every(([path, { version, integrity, optional, devOptional, link }]) => {
    if (path === '' || link) return true;
    const found = installed[path];
    return found === undefined
      ? Boolean(optional || devOptional)
      : found.version === version && found.integrity === integrity;
  });
}

async function install(root, say) {
  const command = existsSync(join(root, 'package-lock.json')) ? 'ci' : 'install';
  say(`Installing packages (npm ${command}), which takes a minute or so ...`);
  const args = [command, '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('npm-cli.js')) await run(process.execPath, [npm, ...args], root, `npm ${command} failed`);
  else await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, root, `npm ${command} failed`);
  writeFileSync(installStamp(root), hash(read(join(root, 'package-lock.json')) ?? ''));
}

function isBuilt(root) {
  return read(buildStamp(root)) === fingerprint(root);
}

async function build(root, say) {
  say('Building ...');
  const before = fingerprint(root);
  mkdirSync(join(root, 'dist'), { recursive: true });
  // Gone while the build runs, so that one that fails half-way does not pass for done.
  rmSync(buildStamp(root), { force: true });
  const compiler = join(root, 'node_modules', 'typescript7', 'bin', 'tsc');
  await run(process.execPath, [compiler, '-p', 'tsconfig.json'], root, 'The build failed');
  if (existsSync(join(root, 'apps', 'web'))) {
    const bundler = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
    await run(process.execPath, [bundler, 'build', 'apps/web'], root, 'The build of the page failed');
  }
  writeFileSync(buildStamp(root), before);
}

/** Changes with every change, addition or removal of a source file, also to an older one (git checkout). */
function fingerprint(root) {
  const files = [];
  const visit = (path) => {
    const stat = statSync(join(root, path), { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (stat.isDirectory()) for (const name of readdirSync(join(root, path)).sort()) visit(join(path, name));
    else if (/\.(tsx?|json|mjs|css|html|svg)$/.test(path)) files.push(`${path} ${stat.size} ${stat.mtimeMs}`);
  };
  for (const source of SOURCES) visit(source);
  return hash(files.join('\n'));
}

/** Runs a program quietly; its output becomes the error if it fails. */
function run(program, args, cwd, failure) {
  return new Promise((resolve, reject) => {
    // npm.cmd is a script of the shell; no argument here holds a blank.
    const child = spawn(program, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: program.endsWith('.cmd'),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => reject(new Error(`${failure}: ${error.message}`)));
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${failure}:\n${output.trim()}`)),
    );
  });
}

/**
 * Waits until no other process is in setup() on this checkout; resolves to the function that lets the next one in.
 * A socket, not a file with a pid: it ends with its process, however that ends.
 */
async function takeTurn(root, say) {
  const name = `claimline-setup-${hash(realpathSync(root)).slice(0, 24)}`;
  const inFiles = !['linux', 'win32'].includes(process.platform);
  const path = inFiles
    ? join(tmpdir(), name)
    : process.platform === 'win32'
      ? `\\\\.\\pipe\\${name}`
      : `\0${name}`;
  for (let told = false; ; told = true) {
    const release = await listen(path);
    if (release !== undefined) return release;
    if (!told) say('Waiting for another process that is setting up this folder ...');
    if (!(await holderEnds(path)) && inFiles) rmSync(path, { force: true });
  }
}

function listen(path) {
  return new Promise((resolve, reject) => {
    const waiting = new Set();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => {}).on('close', () => waiting.delete(socket));
    });
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(path, () => {
      server.unref();
      resolve(() => {
        server.close();
        for (const socket of waiting) socket.destroy();
      });
    });
  });
}

/** Resolves when the holder lets go or dies; false if there was none. */
function holderEnds(path) {
  return new Promise((resolve) => {
    let met = false;
    connect(path)
      .on('connect', () => (met = true))
      .on('error', () => {})
      .on('close', () => resolve(met))
      .resume();
  });
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function hash(text) {
  return createHash('sha256').update(text).digest('hex');
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await setup();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
