/** What a process of the service can do; several in one, or each in some of its own. */
export const PARTS = ['api', 'recorder', 'relay', 'projector'] as const;
export type Part = (typeof PARTS)[number];
