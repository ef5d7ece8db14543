import {
  accept,
  codesOf,
  decidePlaceCommand,
  namedBy,
  REGISTER_STREAM,
  type LocationId,
  type PlaceCommand,
  type RecordedEvent,
  type Result,
} from '#libs/domain';
import { receiptOf, type EventStore, type Receipt } from '#libs/log';
import { appendToRegister, codeHolders, lastEventOf, readPlaces } from '#libs/places';
import { Command, type CommandDependencies } from './command.js';
import { newEventId } from './command-target.js';

/** Changes a place of the register. A command that changes nothing is answered with the last event about its place. */
export class ChangePlace extends Command<Result<Receipt>> {
  constructor(readonly command: PlaceCommand) {
    super();
  }
}

export class ChangePlaceHandler {
  constructor(private readonly needs: Pick<CommandDependencies, 'store'>) {}

  async execute({ command }: ChangePlace): Promise<Result<Receipt>> {
    const { store } = this.needs;
    const outcome = await store.appendDeciding([store.shardOf(REGISTER_STREAM)], async (transaction) => {
      const { client } = transaction;
      const holders = await codeHolders(client, codesOf(command));
      const ids = [command.id, ...namedBy(command), ...holders.map(({ id }) => id)];
      const places = await readPlaces(client, ids);
      const decided = decidePlaceCommand(command, places, newEventId, holders);
      return decided.ok ? accept(await appendToRegister(transaction, decided.value, places)) : decided;
    });
    if (!outcome.ok) return outcome;
    const [receipt] = outcome.value;
    if (receipt) return accept(receipt);
    const last = await lastAbout(store, command.id);
    return accept(receiptOf(last, last, true));
  }
}

/** The last event of the register about a place that it knows; for a place that only statements name, the first of these. */
async function lastAbout(store: EventStore, id: LocationId): Promise<RecordedEvent> {
  const eventId = await lastEventOf(store.pool, id);
  const event = eventId ? await store.find(eventId) : (await store.readStream(id, 0, 1))[0];
  if (!event) throw new Error(`no event is about the place ${id}, though the register knows it`);
  return event;
}
