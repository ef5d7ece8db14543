import { isOperation, isRegister, printable, type EventType, type RecordedEvent } from '#libs/domain';
import type { AuditPosition } from '#libs/log';
import type { Settings } from '#libs/platform';
import { withLog } from './with-log.js';

export interface AuditOptions {
  by?: string;
  type?: EventType[];
  from?: string;
  to?: string;
  location?: string;
  statement?: string;
  limit: number;
  json?: boolean;
}

const PAGE_SIZE = 500;
const MAX_LINE_LENGTH = 3000;

/** `claimline audit`: the commands of curators and operators, from the log. */
export function listAudit(
  { type, limit, json = false, ...filter }: AuditOptions,
  settings: Settings,
  signal: AbortSignal,
): Promise<void> {
  return withLog(settings, { signal }, async ({ store }) => {
    let shown = 0;
    let before: AuditPosition | null = null;
    do {
      signal.throwIfAborted();
      const page = await store.audit(
        { ...filter, types: type },
        { limit: Math.min(PAGE_SIZE, limit - shown + 1), before },
      );
      for (const event of page.items) {
        if (shown === limit) {
          process.stderr.write(`more than ${limit}: --limit shows more\n`);
          return;
        }
        shown += 1;
        process.stdout.write(`${json ? JSON.stringify(event) : printable(lineOf(event), MAX_LINE_LENGTH)}\n`);
      }
      before = page.next;
    } while (before);
    if (shown === 0 && !json) process.stdout.write('no commands of curators or operators\n');
  });
}

/** An event in a line: when, what, to what, by whom, why. */
function lineOf(event: RecordedEvent): string {
  const { recordedAt, type, by, onBehalfOf, data } = event;
  const { reason } = data;
  const what = isOperation(event) ? event.data.operation : type;
  const who = `${by ?? 'unknown'}${onBehalfOf === undefined ? '' : `, for ${onBehalfOf}`}`;
  return `${recordedAt} ${what} ${subjectOf(event)} by ${who}${reason === undefined ? '' : `: ${reason}`}`;
}

function subjectOf(event: RecordedEvent): string {
  if (isOperation(event)) {
    const { subject, detail } = event.data;
    return detail === undefined ? subject : `${subject} (${detail})`;
  }
  if (isRegister(event)) {
    const { data } = event;
    return 'into' in data ? `${data.locationId} into ${data.into}` : data.locationId;
  }
  const { retractionId, replacedBy } = event.data as { retractionId?: string; replacedBy?: string };
  return `${retractionId ?? event.statementId}${replacedBy === undefined ? '' : `, replaced by ${replacedBy}`}`;
}
