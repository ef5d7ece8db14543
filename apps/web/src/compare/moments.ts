/** A moment with both its times; undefined: no limit. */
export interface Point {
  asOf?: string | undefined;
  knownAt?: string | undefined;
}

/** A moment as the API takes it: asOf, asOf@knownAt, @knownAt or now. */
export function pointOf(text: string | undefined): Point {
  if (text === undefined || text === 'now') return {};
  const [asOf, knownAt] = text.split('@');
  return { asOf: asOf || undefined, knownAt: knownAt || undefined };
}

export const momentText = ({ asOf, knownAt }: Point): string =>
  knownAt === undefined ? (asOf ?? 'now') : `${asOf ?? ''}@${knownAt}`;
