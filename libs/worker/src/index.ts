export {
  type RunningService,
  startBackgroundService,
  type BackgroundTask,
  BACKGROUND_TASK,
  BackgroundService,
  BACKGROUND_LOGGER,
} from './background-service.js';
