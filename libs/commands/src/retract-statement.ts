import {
  claimEventId,
  decideRetraction,
  parseRetraction,
  parseUuid,
  type ClaimEvent,
  type Result,
  type StatementId,
} from '#libs/domain';
import { answerDuplicate, type Receipt } from '#libs/log';
import { Command, type CommandDependencies, type CommandOptions } from './command.js';
import { newEventId, notFound } from './command-target.js';
import { checkParties, idOf, saltOf, withUnknownParties } from './submission.js';

/** Options of a command whose content may name parties. */
export interface RetractOptions extends CommandOptions {
  /** Refuses an unknown party. */
  strict?: boolean;
}

/**
 * Records the retraction of a statement. Refused: `statement-not-found`, `retraction-invalid`, `party-unknown`,
 * `retraction-foreign`, `statement-conflict`.
 */
export class RetractStatement extends Command<Result<Receipt>> {
  constructor(
    readonly statementId: string,
    readonly body: unknown,
    readonly options: RetractOptions = {},
  ) {
    super();
  }
}

export class RetractStatementHandler {
  constructor(private readonly needs: Pick<CommandDependencies, 'store' | 'rulesets' | 'clock'>) {}

  async execute({
    statementId,
    body,
    options: { strict = false, traceparent, signature },
  }: RetractStatement): Promise<Result<Receipt>> {
    const { store, rulesets, clock } = this.needs;
    const id = parseUuid(statementId) as StatementId | undefined;
    const claim = id && (await store.find(claimEventId(id)));
    if (!claim) return notFound(statementId);
    const parsed = parseRetraction(id, body, clock());
    if (!parsed.ok) return parsed;
    const retraction = parsed.value;
    const ruleset = await rulesets.inForce();
    const parties = checkParties(retraction.content, { ruleset, strict });
    const original = (await store.originals([retraction.id])).get(retraction.id);
    if (original)
      return withUnknownParties(answerDuplicate(original, retraction.digest, 'claim.retracted'), parties);
    if (parties.refused) return parties.refused;
    const salted = saltOf(retraction.content.source);
    const decided = decideRetraction(
      { ...retraction, signature },
      claim as ClaimEvent,
      ruleset,
      newEventId(),
      salted.salt,
    );
    if (!decided.ok) return decided;
    const [outcome] = await store.append([
      { event: decided.value, id: idOf(retraction), ...salted.beside, traceparent },
    ]);
    return withUnknownParties(outcome!, parties);
  }
}
