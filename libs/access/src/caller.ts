/** What a key or a session may do. `read` is part of every other role; `admin` has all of them. */
export const ROLES = ['read', 'ingest', 'curate', 'operate', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who sends a request: the holder of a key, somebody signed in to the page, or, where the service is open, anyone. */
export interface Caller {
  kind: 'key' | 'session' | 'anyone';
  /** Of the key, or of the account that a session stands for; undefined for anyone. */
  id?: string;
  name?: string;
  roles: readonly Role[];
}

/** Whether a caller may do what needs `role`. */
export const mayAct = ({ roles }: Caller, role: Role): boolean =>
  roles.includes(role) || roles.includes('admin') || (role === 'read' && roles.length > 0);

/** A caller as `by` of an event: name and id, or undefined for anyone. */
export const signatureOf = ({ id, name }: Caller): string | undefined =>
  id === undefined ? undefined : `${name} (${id})`;
