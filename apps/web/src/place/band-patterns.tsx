import type { Status } from '../api/answers.js';

/** Lines by which statuses are told apart without colour, as on paper. */
const LINES: Readonly<Record<Status | 'several', string>> = {
  contested: 'M0 8 8 0M0 0 8 8',
  conceded: '',
  corroborated: 'M0 2H8M0 6H8',
  claimed: 'M0 8 8 0',
  relinquished: 'M4 0V8',
  denied: 'M4 2V6M2 4H6',
  unclaimed: 'M3 4h2',
  several: 'M1 0V8M3 0V8M5 0V8M7 0V8',
};

export function Patterns() {
  return (
    <defs>
      {Object.entries(LINES).map(([status, d]) => (
        <pattern
          key={status}
          id={`band-${status}`}
          class={`of-${status}`}
          width="8"
          height="8"
          patternUnits="userSpaceOnUse"
        >
          <path class="line" d={d} />
        </pattern>
      ))}
    </defs>
  );
}
