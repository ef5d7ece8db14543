import type { Status } from '../api/answers.js';

/** The shape of each status within -8..8; the map draws the same. Colour and shape say the same twice. */
export const SHAPES: Readonly<Record<Status, { path: string; isRing?: boolean }>> = {
  contested: { path: 'M0-7.5 7.5 0 0 7.5-7.5 0Z' },
  conceded: { path: 'M0-6.2A6.2 6.2 0 1 1 0 6.2 6.2 6.2 0 1 1 0-6.2Z' },
  corroborated: { path: 'M-5.6-5.6H5.6V5.6H-5.6Z' },
  claimed: { path: 'M0-6.8 7 5.6H-7Z' },
  relinquished: { path: 'M0-5.2A5.2 5.2 0 1 1 0 5.2 5.2 5.2 0 1 1 0-5.2Z', isRing: true },
  denied: { path: 'M-2.1-6.5H2.1V-2.1H6.5V2.1H2.1V6.5H-2.1V2.1H-6.5V-2.1H-2.1Z' },
  unclaimed: { path: 'M0-3A3 3 0 1 1 0 3 3 3 0 1 1 0-3Z' },
};
