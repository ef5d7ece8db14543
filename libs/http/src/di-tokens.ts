export { REQUEST_NEEDS as REPLAY_NEEDS } from '#modules/jobs';
export { LOGGER, type Logger } from '#libs/platform';
export { CHECKPOINT_KEY } from '#modules/transparency';
