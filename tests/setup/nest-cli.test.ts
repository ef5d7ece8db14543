import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

interface Project {
  root: string;
  sourceRoot: string;
  entryFile: string;
}

// `nest build <app>` compiles for longer than a test may take; `nest start <app>` runs this file afterwards.
it('nest-cli.json has every app that is started by hand, and what Nest would run is what the build makes', () => {
  const { projects } = JSON.parse(readFileSync('nest-cli.json', 'utf8')) as {
    projects: Record<string, Project>;
  };
  const apps = readdirSync('apps').filter((app) => app !== 'jobs' && app !== 'web');
  expect(Object.keys(projects).toSorted()).toEqual(apps.toSorted());
  for (const [app, { root, sourceRoot, entryFile }] of Object.entries(projects)) {
    expect(root).toBe(`apps/${app}`);
    expect(existsSync(join(sourceRoot, `${entryFile}.ts`))).toBe(true);
    expect(existsSync(join('dist', sourceRoot, `${entryFile}.js`))).toBe(true);
  }
});
