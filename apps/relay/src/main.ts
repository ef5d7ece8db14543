import { run } from '#apps/cli/src/cli.js';

process.exitCode = await run(['node', 'claimline', 'start', 'relay']);
