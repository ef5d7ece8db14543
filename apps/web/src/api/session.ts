import { computed, signal } from '@preact/signals';
import { apiAddress, get, request } from './request.js';

export type Role = 'read' | 'ingest' | 'curate' | 'operate' | 'admin';

export interface Session {
  kind: string;
  name: string | null;
  roles: Role[];
  expiresAt: string | null;
  oidc: boolean;
}

/** Who reads; undefined until the service has said it. */
export const session = signal<Session | undefined>(undefined);

/** Grows with each sign-in and sign-out, so that what was refused is asked again. */
export const signedIn = signal(0);

/** Whether a session has ended that nobody has signed out of. */
export const hasEnded = signal(false);

export async function readSession(): Promise<void> {
  const now = await get<Session>('v1/session').catch(() => session.value);
  if (session.value?.kind === 'session' && now?.kind !== 'session') hasEnded.value = true;
  session.value = now;
}

/** Whether who reads has a role; undefined until that is known. */
export const may = (role: Role): boolean | undefined =>
  session.value?.roles.some((one) => one === role || one === 'admin');

/** Whether nothing can be read without signing in. */
export const mustSignIn = computed(() => session.value?.roles.length === 0);

/** @throws ApiProblem where the key is not known */
export async function signIn(key: string): Promise<void> {
  session.value = await request<Session>(apiAddress('v1/session'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key }),
  });
  hasEnded.value = false;
  signedIn.value++;
}

export async function signOut(): Promise<void> {
  await request(apiAddress('v1/session'), { method: 'DELETE' });
  session.value = undefined;
  await readSession();
  signedIn.value++;
}
