import { loadSettings } from '#libs/platform';
import { ForkedPart, forkedParts, PARTS } from '#libs/service';
import { examples, type AddVerbs } from './verb.js';

// Loaded on demand: no other verb needs Nest. The processes of parts load it at the same time.
async function start(parts: string[]): Promise<boolean> {
  const settings = loadSettings();
  const forked = parts.length > 0 ? [] : forkedParts(settings).map((part) => new ForkedPart(part));
  return (await import('../start.js')).start(parts, settings, forked);
}
const demo = async () => (await import('../demo.js')).demo(loadSettings());

/** `start`, `demo`: the verbs that serve until stopped. */
export const addServiceVerbs: AddVerbs = (program, act) => {
  program
    .command('start')
    .argument(
      '[parts...]',
      `parts to run in this process: ${PARTS.join(', ')} (default: all, the projector in a process of its own)`,
    )
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
    .description('load the sample of Kupiansk, November 2025, show it and serve it')
    .addHelpText('after', examples(['claimline demo'], ['PORT=0 claimline demo', 'on any free port']))
    .action(act(demo));
};
