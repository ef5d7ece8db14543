import { accept, attributionOf, parseBody, remarksSchema, type Result } from '#libs/domain';
import { performOperation, type Receipt } from '#libs/log';
import { Command, type CommandDependencies, type CommandOptions } from './command.js';
import { findTarget, notFound, unchanged } from './command-target.js';

/**
 * Erases the quoted text of a statement or a retraction for good; the event stays, and its receipt is the answer. Where the
 * caller is known, an event of an operation names who erased it.
 */
export class EraseQuote extends Command<Result<Receipt>> {
  /** @param body `{by, reason}`, both optional */
  constructor(
    readonly id: string,
    readonly body: unknown,
    readonly options: Pick<CommandOptions, 'signature'> = {},
  ) {
    super();
  }
}

export class EraseQuoteHandler {
  constructor(private readonly needs: Pick<CommandDependencies, 'store'>) {}

  async execute({ id, body, options: { signature } }: EraseQuote): Promise<Result<Receipt>> {
    const { store } = this.needs;
    const remarks = parseBody(remarksSchema, body ?? {});
    if (!remarks.ok) return remarks;
    const original = await findTarget(store, id);
    if (!original) return notFound(id);
    const said = remarks.value;
    const { by = null } = attributionOf({ ...said, signature });
    const isErased = await performOperation(
      store,
      { operation: 'quote.erased', subject: original.id, ...said, signature },
      async (db) => {
        const { rowCount } = await db.query(
          `update claimline.quotes
           set salt = null, quote = null, erased_at = now(), erased_by = $2, erase_reason = $3
           where id = $1 and erased_at is null`,
          [original.id, by, said.reason ?? null],
        );
        return rowCount === 1;
      },
      (erased) => erased,
    );
    return accept({ ...unchanged(original), duplicate: !isErased });
  }
}
