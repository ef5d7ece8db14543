/** The parts of the service: a process runs one or several, and a part may run in several processes. */
export const ROLES = ['api', 'recorder', 'relay', 'projector'] as const;
export type Role = (typeof ROLES)[number];
