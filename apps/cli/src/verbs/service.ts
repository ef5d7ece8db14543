import { loadSettings } from '#libs/platform';
import { PARTS } from '../parts.js';
import { examples, type AddVerbs } from './verb.js';

// Loaded when they are asked for: no other verb needs Nest.
const start = async (parts: string[]) => (await import('../start.js')).start(parts, loadSettings());
const demo = async () => (await import('../demo.js')).demo(loadSettings());

/** `start`, `demo`: what serves until it is stopped. */
export const addServiceVerbs: AddVerbs = (program, act) => {
  program
    .command('start')
    .argument('[parts...]', `which parts run in this process: ${PARTS.join(', ')}; without any, all of them`)
    .description('start the service')
    .addHelpText(
      'after',
      examples(
        ['claimline start'],
        ['claimline start projector'],
        ['claimline start recorder relay', 'with KAFKA_BROKERS'],
      ),
    )
    .action(act(start));
  program
    .command('demo')
    .description('load the sample of Kupiansk, November 2025, show it, and go on serving it')
    .addHelpText('after', examples(['claimline demo'], ['PORT=0 claimline demo', 'on a port that is free']))
    .action(act(demo));
};
