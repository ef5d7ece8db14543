import { runProcess } from '#modules/service';
import { RecorderProcess } from './recorder.module.js';

await runProcess(RecorderProcess, 'recorder');
