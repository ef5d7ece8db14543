export {
  BACKGROUND_LOGGER,
  BACKGROUND_TASK,
  BackgroundService,
  type BackgroundTask,
  type RunningService,
  startBackgroundService,
} from './background-service.js';
