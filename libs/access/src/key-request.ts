import { z } from 'zod';
import { refuse, text, type Result } from '#libs/domain';
import { ROLES } from './caller.js';

/** Why a request about keys is refused. */
export type KeyRefusalCode = 'key-invalid' | 'key-not-found' | 'key-ended' | 'keys-full';

/** A secret that was replaced works for a week at most. */
const MAX_GRACE_SECONDS = 7 * 24 * 3600;

const expiresAt = z.iso
  .datetime({ offset: true, error: 'must be a time, as in 2027-01-01T00:00:00Z' })
  .max(40)
  .transform((given) => new Date(given).toISOString())
  .meta({ description: 'When it stops working (default: never)', examples: ['2027-01-01T00:00:00Z'] });

export const roles = z
  .array(z.enum(ROLES).meta({ title: 'Role', description: 'What a key may do' }))
  .min(1, 'must name at least one role')
  .max(50, 'must have at most 50 items')
  .transform((given) => ROLES.filter((role) => given.includes(role)))
  .meta({ description: 'What it may do; `read` is part of every role, and `admin` has all of them' });

/** A key to make. */
export const keyRequestSchema = z
  .strictObject({
    name: text(100).meta({ description: 'Whose it is: shown in events as `by`', examples: ['Worker 7'] }),
    roles,
    expiresAt: expiresAt.optional(),
  })
  .meta({ description: 'A key to make' });
export type KeyRequest = z.output<typeof keyRequestSchema>;

/** Another secret for a key. */
export const rotationSchema = z
  .strictObject({
    graceSeconds: z
      .int('must be a whole number of seconds')
      .min(0, 'must not be negative')
      .max(MAX_GRACE_SECONDS, `must be at most ${MAX_GRACE_SECONDS}, a week`)
      .optional()
      .meta({ description: 'How long the old secret works beside the new one (default: not at all)' }),
    expiresAt: expiresAt
      .optional()
      .meta({ description: 'When the key stops working from now on (default: as before)' }),
  })
  .meta({ description: 'Another secret for a key' });
export type Rotation = z.output<typeof rotationSchema>;

/** The refusal of an expiry that is over already; undefined where it is not. */
export function pastExpiry(given: string | undefined): Result<never, KeyRefusalCode> | undefined {
  if (given === undefined || Date.parse(given) > Date.now()) return undefined;
  const detail = 'must be in the future';
  return refuse('key-invalid', `/expiresAt ${detail}`, [{ pointer: '/expiresAt', detail }]);
}
