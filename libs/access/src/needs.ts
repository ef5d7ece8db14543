import type { Role } from './caller.js';

/**
 * What a request needs: a role; `anyone` may send it, and a credential that it has must be valid; `nothing`, and no credential is
 * looked at.
 */
export type Need = Role | 'anyone' | 'nothing';

/** What every operation needs, by its id. A route without an entry does not compile, and ends the start. */
export const NEEDS = {
  // Health, and the description of the API, which says nothing of what is stored.
  getHealth: 'nothing',
  getReadiness: 'nothing',
  getOpenApi: 'nothing',
  getDocs: 'nothing',
  // The page says nothing of what is stored either: it asks the API.
  getPage: 'nothing',

  listLocations: 'read',
  getLocation: 'read',
  getTimeline: 'read',
  getHistory: 'read',
  compareMoments: 'read',
  listChanges: 'read',
  getMap: 'read',
  getMapChanges: 'read',
  getMapDays: 'read',
  countFacets: 'read',
  exportLocations: 'read',
  exportStatements: 'read',
  exportChanges: 'read',
  listStatements: 'read',
  getStatement: 'read',
  getSpeaker: 'read',
  getOutlet: 'read',
  followStream: 'read',
  getRuleset: 'read',
  listRulesets: 'read',
  getRulesetVersion: 'read',
  listParties: 'read',
  // The log, and how far it is projected: consumers begin there.
  listEvents: 'read',
  getEvent: 'read',
  getProjections: 'read',
  // Whoever may read may check what is read.
  getProof: 'read',
  getCheckpoint: 'read',
  getConsistency: 'read',

  recordStatement: 'ingest',
  recordStatements: 'ingest',
  retractStatement: 'ingest',

  voidStatement: 'curate',
  reinstateStatement: 'curate',
  correctStatement: 'curate',
  eraseQuote: 'curate',
  registerLocation: 'curate',
  addName: 'curate',
  removeName: 'curate',
  removeNameByQuery: 'curate',
  addCode: 'curate',
  removeCode: 'curate',
  setCountries: 'curate',
  setCoordinates: 'curate',
  mergeLocation: 'curate',
  unmergeLocation: 'curate',
  // Its events are in the log, which is for `read`; the list is for those whose work it is.
  listAudit: 'curate',

  // A rebuild adopts a ruleset.
  startReplay: 'operate',
  listReplays: 'operate',
  getReplay: 'operate',
  cancelReplay: 'operate',
  getMetrics: 'operate',
  // They hold messages whole.
  listDeadLetters: 'operate',
  countDeadLetters: 'operate',
  getDeadLetter: 'operate',
  retryDeadLetter: 'operate',
  discardDeadLetter: 'operate',

  // Whoever sends a request may know what it may do.
  getSession: 'anyone',
  // Who has no session yet begins one.
  startSession: 'nothing',
  removeSession: 'nothing',
  startSignIn: 'nothing',
  finishSignIn: 'nothing',

  createKey: 'admin',
  listKeys: 'admin',
  revokeKey: 'admin',
  rotateKey: 'admin',
  listSessions: 'admin',
  endSession: 'admin',
  endSessions: 'admin',
} as const satisfies Record<string, Need>;

export type Operation = keyof typeof NEEDS;

/** What an operation needs. @throws Error where nobody has decided about it */
export function needOf(operation: string | undefined, route: string): Need {
  if (operation !== undefined && Object.hasOwn(NEEDS, operation)) return NEEDS[operation as Operation];
  throw new Error(
    `nobody has decided what ${route} needs: give it an operation, and that an entry in libs/access/src/needs.ts`,
  );
}
