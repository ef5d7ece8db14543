import { readdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { runsSources } from '../support/kafka/java.js';
import { runProgram } from '../support/program.js';
import { pythonWith, whyNoPython } from '../support/python.js';
import { clientJars, compileTypeScript, newTypeScript, npmPackages, openApiGenerator, place, whyNoGenerator, type Client } from './client.js';

const PYTHON = ['openapi-python-client==0.29.1', 'httpx==0.28.1', 'attrs==26.1.0', 'urllib3==2.8.0', 'python-dateutil==2.9.0.post0', 'pydantic==2.14.4'];

/** The clients that are tried: those of the generators that are used most. */
export const clients = {
  'openapi-typescript': {
    whyNot: () => undefined,
    async make(document, folder) {
      const { tree, run } = await npmPackages();
      newTypeScript(folder, tree);
      await run('openapi-typescript/bin/cli.js', [document, '-o', 'claimline.d.ts'], folder);
      return compileTypeScript('openapi-typescript.ts', folder);
    },
  },
  '@hey-api/openapi-ts': {
    whyNot: () => undefined,
    async make(document, folder) {
      const { tree, run } = await npmPackages();
      newTypeScript(folder, tree);
      await run('@hey-api/openapi-ts/bin/run.js', ['-i', document, '-o', 'claimline'], folder);
      return compileTypeScript('hey-api.ts', folder);
    },
  },
  'openapi-generator typescript-fetch': {
    whyNot: () => whyNoGenerator(),
    async make(document, folder) {
      const { tree } = await npmPackages();
      newTypeScript(folder, tree);
      await openApiGenerator('typescript-fetch', document, join(folder, 'claimline'), '--additional-properties=importFileExtension=.js');
      return compileTypeScript('typescript-fetch.ts', folder);
    },
  },
  'openapi-generator java': {
    whyNot: () => (runsSources() ? whyNoGenerator('javac') : 'there is no Java compiler on the PATH'),
    async make(document, folder) {
      await openApiGenerator('java', document, join(folder, 'client'), '--library', 'native', '--additional-properties=apiPackage=claimline.api,modelPackage=claimline.model,invokerPackage=claimline');
      const sources = join(folder, 'client/src/main/java');
      place('Use.java', sources);
      const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.java'));
      writeFileSync(join(folder, 'sources'), files.map((file) => `"${join(sources, file)}"\n`).join(''));
      const jars = join(await clientJars(), '*');
      await runProgram('javac', ['-nowarn', '-proc:none', '-cp', jars, '-d', join(folder, 'classes'), `@${join(folder, 'sources')}`]);
      return ['java', '-cp', [join(folder, 'classes'), jars].join(delimiter), 'Use'];
    },
  },
  'openapi-generator go': {
    whyNot: () => whyNoGenerator('go'),
    async make(document, folder) {
      const names = ['--git-host', 'claimline.example', '--git-user-id', 'go', '--git-repo-id', 'claimline', '--additional-properties=packageName=claimline'];
      await openApiGenerator('go', document, folder, ...names, '--global-property=apis,models,supportingFiles,apiTests=false,modelTests=false');
      place('use.go', join(folder, 'use'));
      await runProgram('go', ['build', '-mod=mod', '-o', join(folder, 'use/use'), './use'], { cwd: folder });
      return [join(folder, 'use/use')];
    },
  },
  'openapi-generator python': {
    whyNot: () => whyNoPython() ?? whyNoGenerator(),
    async make(document, folder) {
      await openApiGenerator('python', document, folder, '--additional-properties=packageName=claimline');
      return compilePython('openapi_generator.py', folder);
    },
  },
  'openapi-python-client': {
    whyNot: whyNoPython,
    async make(document, folder) {
      const python = pythonWith(PYTHON);
      // It tidies its client with ruff, which is installed with it.
      const env = { PATH: [dirname(python), process.env.PATH].join(delimiter) };
      await runProgram(python, ['-m', 'openapi_python_client', 'generate', '--path', document, '--output-path', join(folder, 'claimline'), '--meta', 'none'], { env });
      return compilePython('openapi_python_client.py', folder);
    },
  },
} satisfies Record<string, Omit<Client, 'name'>>;

/** Every file of the client, also those that the program does not import. */
async function compilePython(file: string, folder: string): Promise<string[]> {
  const python = pythonWith(PYTHON);
  await runProgram(python, ['-m', 'compileall', '-q', join(folder, 'claimline')]);
  return [python, place(file, folder)];
}
