// node models.mjs <folder with node_modules> <document>: prints the models that Modelina makes of it, as JSON: name to TypeScript.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [, , folder, file] = process.argv;
const { TypeScriptGenerator } = createRequire(join(folder, 'package.json'))('@asyncapi/modelina');
const models = await new TypeScriptGenerator({ modelType: 'interface' }).generate(readFileSync(file, 'utf8'));
console.log(JSON.stringify(models.map(({ modelName, result }) => [modelName, result])));
