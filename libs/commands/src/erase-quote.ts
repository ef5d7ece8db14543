import { accept, parseBody, remarksSchema, type Result } from '#libs/domain';
import type { Receipt } from '#libs/log';
import { Command, type CommandDependencies } from './command.js';
import { findTarget, notFound, unchanged } from './command-target.js';

/** Erases the quoted text of a statement or a retraction for good; the event stays, and its receipt is the answer. */
export class EraseQuote extends Command<Result<Receipt>> {
  /** @param body `{by, reason}`, both optional */
  constructor(
    readonly id: string,
    readonly body: unknown,
  ) {
    super();
  }
}

export class EraseQuoteHandler {
  constructor(private readonly needs: Pick<CommandDependencies, 'store'>) {}

  async execute({ id, body }: EraseQuote): Promise<Result<Receipt>> {
    const { store } = this.needs;
    const remarks = parseBody(remarksSchema, body ?? {});
    if (!remarks.ok) return remarks;
    const original = await findTarget(store, id);
    if (!original) return notFound(id);
    const { by = null, reason = null } = remarks.value;
    const { rowCount } = await store.pool.query(
      `update claimline.quotes
       set salt = null, quote = null, erased_at = now(), erased_by = $2, erase_reason = $3
       where id = $1 and erased_at is null`,
      [original.id, by, reason],
    );
    return accept({ ...unchanged(original), duplicate: rowCount !== 1 });
  }
}
