import { writeFileSync } from 'node:fs';
import { documentYaml } from './document.js';

writeFileSync('docs/asyncapi.yaml', documentYaml());
