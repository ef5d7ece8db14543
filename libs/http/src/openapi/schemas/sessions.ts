import { z } from 'zod';
import { ROLES } from '#libs/access';
import { answerFields } from '#libs/queries';

// Who is signed in.

const { instant, pageOf, text } = answerFields;

export const sessionRequestSchema = z
  .strictObject({
    key: z
      .string()
      .trim()
      .min(1, 'is required')
      .max(500, 'is too long for a key')
      .meta({ description: 'The key' }),
  })
  .meta({ description: 'The key to sign in with' });

export const sessionSchema = z
  .object({
    kind: z
      .enum(['key', 'session', 'anyone'])
      .meta({
        title: 'CallerKind',
        description: 'A request with a key, one of a browser that is signed in, or any other',
      }),
    id: text('The key or the account; null for anyone').nullable(),
    name: text('Whose it is; null for anyone', 'Worker 7').nullable(),
    roles: z
      .array(z.enum(ROLES).meta({ title: 'Role', description: 'What a key may do' }))
      .meta({ description: 'What the caller may do' }),
    expiresAt: instant('When the session ends at the latest; null where there is none').nullable(),
    oidc: z
      .boolean()
      .meta({ description: 'Whether one can sign in at a provider: a browser goes to /v1/session/oidc' }),
  })
  .meta({ id: 'Session', description: 'Who sends the request' });

export const activeSession = z
  .object({
    id: text('The session'),
    of: text(
      'Whom it stands for: the id of a key, or issuer and subject of an account, joined by #',
      'https://id.example#ada',
    ),
    name: text('Whose it is', 'Ada Lovelace'),
    roles: z
      .array(z.enum(ROLES).meta({ title: 'Role', description: 'What a key may do' }))
      .meta({ description: 'What it may do' }),
    createdAt: instant('When it began'),
    expiresAt: instant('When it ends at the latest'),
  })
  .meta({ id: 'ActiveSession', description: 'Somebody who is signed in' });

export const activeSessions = pageOf(activeSession).meta({
  id: 'ActiveSessions',
  description: 'A page of sessions, newest first',
});

export const endedSessions = z
  .object({ ended: z.int().meta({ description: 'How many sessions have ended' }) })
  .meta({ id: 'EndedSessions', description: 'Sessions that have ended' });
