// The projector as a process that `claimline start` forks (libs/service/src/forked-part.ts): projecting takes no time from requests.
import { runForked } from '#modules/service';
import { ProjectorProcess } from './projector.module.js';

runForked(ProjectorProcess, 'projector');
