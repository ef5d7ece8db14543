import { main } from '#apps/cli/src/cli.js';

await main(['node', 'claimline', 'start', 'api']);
