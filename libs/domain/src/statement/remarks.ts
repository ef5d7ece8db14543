import { omitUndefined } from './statement.js';
import type { ValidationIssue } from '../values/refusal.js';

/** What a client says of a command: who makes it and why. */
export interface Remarks {
  by?: string | undefined;
  reason?: string | undefined;
}

/** What the service itself knows of a command. */
export interface Signed {
  /** Who sends it: the name and id of a key or an account. Undefined where anyone may send. */
  signature?: string | undefined;
}

/** Who made a command, as its event keeps it. */
export interface Attribution {
  by?: string;
  onBehalfOf?: string;
}

/** Signatures end with brackets: round the id of a key or an account, or round "command line". What looks like a bracket counts. */
const LIKE_A_SIGNATURE = /\p{Pe}[\s\p{P}\p{Cf}\p{M}]*$/u;

/**
 * `by` is the signature, beside what the client says as `onBehalfOf`. Without a signature it is what the client says, unless that
 * looks like a signature: then nobody has signed.
 */
export const attributionOf = ({ by, signature }: Pick<Remarks, 'by'> & Signed): Attribution =>
  omitUndefined(
    signature === undefined && !(by !== undefined && LIKE_A_SIGNATURE.test(by))
      ? { by }
      : { by: signature, onBehalfOf: by },
  );

/** The remarks that an event keeps. */
export type KeptRemarks = Attribution & Pick<Remarks, 'reason'>;

/**
 * The remarks of a command that the recorded events lack. Only what the client says is compared, never who signs: the same
 * command is a repeat also under another key, or under the first key of a store that was open before.
 */
export const unrecorded = ({ by, reason }: Remarks, recorded: KeptRemarks): ValidationIssue[] => {
  const { by: author, onBehalfOf } = recorded;
  return [
    ...(by === author || by === onBehalfOf ? [] : lost('/by', by, onBehalfOf ?? author)),
    ...(reason === recorded.reason ? [] : lost('/reason', reason, recorded.reason)),
  ];
};

const lost = (pointer: string, said: string | undefined, kept: string | undefined): ValidationIssue[] =>
  said === undefined
    ? []
    : [{ pointer, detail: kept === undefined ? 'would be lost' : `would be lost: "${kept}" is recorded` }];
