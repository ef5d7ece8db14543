import { z } from 'zod';
import { KEY_STATES, ROLES } from '#libs/access';
import { answerFields } from '#libs/queries';

// Keys of callers.

const { instant, orNull, pageOf, text } = answerFields;

const keyId = text('The key', '4f0c2b1e6a51');

export const key = z
  .object({
    id: keyId,
    name: text('Whose it is', 'Worker 7'),
    roles: z
      .array(z.enum(ROLES).meta({ title: 'Role', description: 'What a key may do' }))
      .meta({ description: 'What it may do' }),
    state: z.enum(KEY_STATES).meta({ title: 'KeyState', description: 'Whether it works' }),
    createdAt: instant('When it was made'),
    createdBy: text(
      'The key of the admin who made it; null where it was made on the command line',
      'Desk (9a31c07e55d2)',
    ).nullable(),
    expiresAt: orNull(instant('When it stops working')),
    lastUsedAt: orNull(instant('When it was used last, up to half a minute behind')),
    revokedAt: orNull(instant('When it was revoked')),
    revokedBy: text(
      'The key of the admin who revoked it; null on the command line',
      'Desk (9a31c07e55d2)',
    ).nullable(),
  })
  .meta({ description: 'A key, without its secret' });

export const issuedKey = key
  .extend({ key: text('The key itself. It is shown this once, and nowhere kept') })
  .meta({ description: 'A new key' });

export const keys = pageOf(key).meta({ description: 'A page of keys, newest first' });
