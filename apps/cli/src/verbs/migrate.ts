import { loadSettings } from '#libs/platform';
import { migrateStore } from '../migrate-store.js';
import { examples, type AddVerbs } from './verb.js';

/** `migrate`. */
export const addMigrate: AddVerbs = (program, act) => {
  program
    .command('migrate')
    .option('--grant-to <role>', 'grant this role what it needs to serve, and nothing beyond')
    .option('--json', 'for machines')
    .description(
      'make or update extension, schemas and tables, so that the service can run with a role that may not; the store itself is made by the first start',
    )
    .addHelpText(
      'after',
      examples(
        ['DATABASE_URL=postgresql://owner@host/claimline claimline migrate --grant-to claimline_service'],
        ['DATABASE_URL=postgresql://claimline_service@host/claimline claimline start'],
      ),
    )
    .action(act((options: { grantTo?: string; json?: boolean }) => migrateStore(options, loadSettings())));
};
