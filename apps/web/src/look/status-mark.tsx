import type { Status } from '../api/answers.js';
import { t } from '../language/language.js';
import { SHAPES } from './shapes.js';

/** The mark of a status; its word stands beside it. */
export function StatusMark({ status, size = 16 }: { status: Status; size?: number }) {
  const { path, isRing } = SHAPES[status];
  return (
    <svg
      class={`mark mark-${status}${isRing ? ' ring' : ''}`}
      viewBox="-8 -8 16 16"
      width={size}
      height={size}
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  );
}

export function StatusWord({ status }: { status: Status }) {
  return (
    <span class="status">
      <StatusMark status={status} /> {t(`status.${status}`)}
    </span>
  );
}
