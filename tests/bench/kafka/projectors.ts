import { filled } from '../filled.js';
import { inTurns, type Figure } from '../figure.js';
import type { Ground } from '../ground.js';
import { drain } from './drained.js';
import { relayed } from './relayed.js';

const STATEMENTS = 30_000;
const PLACES = 2000;

/** A topic full of events into read models that know only the places: two processes against one. */
export async function kafkaProjectors(ground: Ground): Promise<Figure[]> {
  const source = await filled(ground, {
    statements: STATEMENTS,
    places: PLACES,
    label: 'projectors',
    projected: false,
  });
  const batches = await relayed(ground, source);
  const rateOf = async (processes: number) =>
    (await drain(ground, source, batches, 'projector', processes)).perSecond;
  const measured = await inTurns(
    ground.runs,
    () => rateOf(2),
    () => rateOf(1),
  );
  await source.drop();
  return [
    {
      name: 'kafka-projectors',
      what: 'two projector processes bring read models up to date from the topic, against one',
      unit: 'events/s',
      ...measured,
      aim: { of: 'ratio', atLeast: 1 },
    },
  ];
}
