import { quoteDigest } from './decide.js';
import { CLAIMS, type ClaimData, type NewEvent, type RetractionData } from '../events/events.js';
import { canonicalJson, sha256 } from '../values/identity.js';

/** The id of the statement or the retraction that an event recorded; undefined for other events. */
export function contentIdOf(event: NewEvent): string | undefined {
  if (event.type === 'claim.retracted') return event.data.retractionId;
  return (CLAIMS as readonly string[]).includes(event.type) ? event.statementId : undefined;
}

/** The digest of the quote that a statement or a retraction came with; undefined where it had none. */
export const quoteDigestOf = (event: NewEvent): string | undefined =>
  contentIdOf(event) === undefined
    ? undefined
    : (event.data as ClaimData | RetractionData).source?.quoteDigest;

/** Whether a quote with its salt is the one that an event came with. */
export const isQuoteOf = (event: NewEvent, { salt, quote }: { salt: string; quote: string }): boolean =>
  quoteDigest(salt, quote) === quoteDigestOf(event);

/**
 * The digest of the content of a statement or a retraction (`parseStatement`), recomputed from its stored event.
 * @param quote its quote, if it came with one; once that is erased the digest cannot be recomputed
 */
export function contentDigestOf(event: NewEvent, quote?: string): Buffer {
  const whole = <T extends ClaimData | RetractionData>({ source, ...rest }: T) => {
    const { quoteDigest: _digest, ...kept } = source ?? {};
    return { ...rest, ...(source && { source: { ...kept, ...(quote !== undefined && { quote }) } }) };
  };
  if (event.type === 'claim.retracted') {
    const { retractionId: _id, reason: _reason, ...content } = whole(event.data);
    return sha256(canonicalJson({ statementId: event.statementId, ...content }));
  }
  const {
    grading: _grading,
    extraction: _extraction,
    reason: _reason,
    corrects: _corrects,
    ...content
  } = whole(event.data as ClaimData);
  return sha256(canonicalJson({ stance: event.type === 'claim.asserted' ? 'assert' : 'deny', ...content }));
}
