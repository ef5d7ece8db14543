// npm run licences: whether each package that the product ships with has a licence that asks for no more than its text to be
// passed on. No copyleft, also not that of a file (MPL) or of a library (LGPL), and nothing that cannot be read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import satisfies from 'spdx-satisfies';

const ALLOWED = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'PostgreSQL',
  'Python-2.0',
  'Unlicense',
  'Zlib',
];

const root = process.argv[2] ?? '.';
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const shipped = Object.entries(packages).filter(
  ([path, { dev, devOptional, link }]) => path !== '' && !dev && !devOptional && !link,
);
const faults = shipped.flatMap(([path, { version, license }]) => {
  const name = `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)} ${version}`;
  if (license === undefined) return [`${name} names no licence`];
  try {
    return satisfies(license, ALLOWED) ? [] : [`${name} has the licence ${license}`];
  } catch {
    return [`${name} has a licence that is no SPDX expression: ${license}`];
  }
});
for (const fault of faults) console.error(fault);
console.log(
  `${shipped.length} packages are shipped; the licences of ${shipped.length - faults.length} are allowed.`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
