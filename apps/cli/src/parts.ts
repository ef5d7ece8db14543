/** The parts of the service: a process runs one or several, and a part may run in several processes. */
export const PARTS = ['api', 'recorder', 'relay', 'projector'] as const;
export type Part = (typeof PARTS)[number];
