export { parseFrom, parseTo } from './bounds.js';
export { replayLines, type Lines } from './lines.js';
export { machineClock, MOST_SPEED, paced, parseSpeed, SPEED_FORMAT, untilDue, type Clock, type Speed } from './pacing.js';
export { Passage } from './passage.js';
export { portions, publish, REPLAY, type Publication, type PublishOptions } from './publish.js';
