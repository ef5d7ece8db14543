import { runProcess } from '#modules/service';
import { ApiProcess } from './api.module.js';

await runProcess(ApiProcess, 'api');
