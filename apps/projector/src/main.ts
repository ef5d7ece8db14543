import { runProcess } from '#modules/service';
import { ProjectorProcess } from './projector.module.js';

await runProcess(ProjectorProcess, 'projector');
