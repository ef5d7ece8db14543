import { signal } from '@preact/signals';
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

export async function readSession(): Promise<void> {
  session.value = await get<Session>('v1/session').catch(() => session.value);
}

/** @throws ApiProblem where the key is not known */
export async function signIn(key: string): Promise<void> {
  session.value = await request<Session>(apiAddress('v1/session'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key }),
  });
  signedIn.value++;
}

export async function signOut(): Promise<void> {
  await request(apiAddress('v1/session'), { method: 'DELETE' });
  await readSession();
  signedIn.value++;
}
