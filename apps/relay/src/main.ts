import { runProcess } from '#modules/service';
import { RelayProcess } from './relay.module.js';

await runProcess(RelayProcess, 'relay');
