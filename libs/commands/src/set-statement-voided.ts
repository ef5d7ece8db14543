import {
  accept,
  decideVoiding,
  parseBody,
  remarksSchema,
  signedVoidSchema,
  voidSchema,
  type EventId,
  type Remarks,
  type Result,
} from '#libs/domain';
import { receiptOf, type Receipt } from '#libs/log';
import { Command, type CommandDependencies, type CommandOptions } from './command.js';
import { findTarget, newEventId, notFound, unchanged, voidingTarget } from './command-target.js';
import { readVoiding, writeVoiding } from './voidings.js';

/** Voids a statement or a retraction, or reinstates it. If it is so already, only new remarks are recorded. */
export class SetStatementVoided extends Command<Result<Receipt>> {
  /**
   * @param id of a statement or a retraction
   * @param body `{by, reason}`; optional for a reinstatement, and `by` where the caller is known
   * @param options `eventId` identifies the command, to distinguish a repeat from another command with the same body: if
   * an event has this id already, the command was carried out before (default: random); `needsBy`: whether a void has to say
   * `by` (default: where there is no signature)
   */
  constructor(
    readonly id: string,
    readonly voided: boolean,
    readonly body: unknown,
    readonly options: CommandOptions & { eventId?: EventId; needsBy?: boolean } = {},
  ) {
    super();
  }
}

export class SetStatementVoidedHandler {
  constructor(private readonly needs: Pick<CommandDependencies, 'store'>) {}

  async execute({
    id,
    voided,
    body,
    options: { traceparent, eventId, signature, needsBy = signature === undefined },
  }: SetStatementVoided): Promise<Result<Receipt>> {
    const { store } = this.needs;
    // Nobody voids a record without a name and a reason.
    const schema = !voided ? remarksSchema : needsBy ? voidSchema : signedVoidSchema;
    const remarks = parseBody<Remarks>(schema, body ?? {});
    if (!remarks.ok) return remarks;
    const original = await findTarget(store, id);
    if (!original) return notFound(id);
    const before = eventId && (await store.find(eventId));
    if (before) return accept(receiptOf(before, before, true));
    return store.appendDeciding([original.shard], async (transaction): Promise<Result<Receipt>> => {
      const { client } = transaction;
      const wasVoided = (await readVoiding(client, original.id)) !== undefined;
      const target = await voidingTarget(client, original, wasVoided);
      const decided = decideVoiding(voided, target, { ...remarks.value, signature }, eventId ?? newEventId());
      if ('before' in decided)
        return accept(decided.before ? receiptOf(decided.before, decided.before, true) : unchanged(original));
      const { event } = decided;
      await writeVoiding(client, original.id, { voided, eventId: event.eventId });
      const [outcome] = await transaction.append([{ event, traceparent }]);
      return outcome!;
    });
  }
}
