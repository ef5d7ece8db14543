import { readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runsSources } from '../support/kafka/java.js';
import { runProgram } from '../support/program.js';
import { whyNoPython } from '../support/python.js';
import { compileTypeScript, jars, place, python, whyNoGenerator, type Client } from './client.js';

/** The clients that are tried: those of the generators that are used most. */
export const clients = {
  'openapi-typescript': {
    line: 'npx openapi-typescript openapi.json -o claimline.d.ts',
    whyNot: () => undefined,
    compile: (folder) => compileTypeScript('openapi-typescript.ts', folder),
  },
  '@hey-api/openapi-ts': {
    line: 'npx openapi-ts -i openapi.json -o claimline',
    whyNot: () => undefined,
    compile: (folder) => compileTypeScript('hey-api.ts', folder),
  },
  'openapi-generator typescript-fetch': {
    line: 'openapi-generator-cli generate -g typescript-fetch -i openapi.json -o claimline --additional-properties=importFileExtension=.js',
    whyNot: () => whyNoGenerator(),
    compile: (folder) => compileTypeScript('typescript-fetch.ts', folder),
  },
  'openapi-generator java': {
    line:
      'openapi-generator-cli generate -g java --library native -i openapi.json -o claimline ' +
      '--invoker-package claimline --api-package claimline.api --model-package claimline.model',
    whyNot: () => (runsSources() ? whyNoGenerator('javac') : 'there is no Java compiler on the PATH'),
    async compile(folder) {
      const sources = join(folder, 'claimline/src/main/java');
      place('Use.java', sources);
      const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((file) =>
        file.endsWith('.java'),
      );
      writeFileSync(join(folder, 'sources'), files.map((file) => `"${join(sources, file)}"\n`).join(''));
      const needed = join(await jars('java-client'), '*');
      await runProgram('javac', [
        '-nowarn',
        '-proc:none',
        '-cp',
        needed,
        '-d',
        join(folder, 'classes'),
        `@${join(folder, 'sources')}`,
      ]);
      return ['java', '-cp', [join(folder, 'classes'), needed].join(delimiter), 'Use'];
    },
  },
  'openapi-generator go': {
    line:
      'openapi-generator-cli generate -g go -i openapi.json -o claimline ' +
      '--package-name claimline --git-host claimline.example --git-user-id go --git-repo-id claimline',
    whyNot: () => whyNoGenerator('go'),
    async compile(folder) {
      const module = join(folder, 'claimline');
      place('use.go', join(module, 'use'));
      await runProgram('go', ['build', '-mod=mod', '-o', join(folder, 'use'), './use'], { cwd: module });
      return [join(folder, 'use')];
    },
  },
  'openapi-generator python': {
    line: 'openapi-generator-cli generate -g python -i openapi.json -o claimline --package-name claimline',
    whyNot: () => whyNoPython() ?? whyNoGenerator(),
    compile: (folder) => compilePython('openapi_generator.py', join(folder, 'claimline')),
  },
  'openapi-python-client': {
    line: 'openapi-python-client generate --path openapi.json --output-path claimline --meta none',
    whyNot: whyNoPython,
    compile: (folder) => compilePython('openapi_python_client.py', folder),
  },
} satisfies Record<string, Client>;

/** Every file of the client, also those that the program does not import. */
async function compilePython(file: string, folder: string): Promise<string[]> {
  await runProgram(python(), ['-m', 'compileall', '-q', join(folder, 'claimline')]);
  return [python(), place(file, folder)];
}
