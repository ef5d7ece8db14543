import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { BitemporalPoint } from '#libs/domain';
import { type Bookmark, Bookmarks, type QueryOptions } from '#libs/queries';
import { bookmarkLink } from './bookmark-link.js';
import { type Awaited, ReadYourWrites } from './read-your-writes.js';
import { Rulesets } from './rulesets.js';

/** Begins questions about states at a moment. */
@Injectable()
export class Questions {
  constructor(
    private readonly readYourWrites: ReadYourWrites,
    private readonly rulesets: Rulesets,
    private readonly bookmarks: Bookmarks,
  ) {}

  /**
   * Waits for what a question waits for.
   * @param points of the question
   * @returns its bookmark, and the options with which to ask until the bookmark is no longer open
   */
  async begin(
    { after, wait, ruleset: version }: Awaited & { ruleset?: string | undefined },
    ...points: readonly BitemporalPoint[]
  ): Promise<{ bookmark: Bookmark; options: QueryOptions }> {
    const ruleset = version === undefined ? undefined : await this.rulesets.of(version);
    if (after || points.some(({ knownAt }) => knownAt))
      await this.readYourWrites.reach({ after, wait }, ...points.map(({ knownAt }) => knownAt));
    const bookmark = this.bookmarks.of(points);
    return { bookmark, options: { ruleset, onBasis: bookmark.onBasis } };
  }
}

/** Undefined for the present state by the ruleset in force, which is kept ready. */
export const bitemporalPointOf = (asOf?: string, knownAt?: string, ruleset?: string) =>
  asOf || knownAt || ruleset ? { asOf: asOf ?? null, knownAt: knownAt ?? null } : undefined;

/** The link to the question whose answer never changes, where there is one. @param moments writes the fixed points into it */
export function linkOf(
  request: FastifyRequest,
  { fixed }: Bookmark,
  moments: Parameters<typeof bookmarkLink>[2],
): Record<string, string> | undefined {
  const link = fixed && bookmarkLink(request.url, fixed, moments);
  return link === undefined ? undefined : { link };
}

/** If-None-Match of RFC 9110: a list of tags, weak or not, or `*`. */
export const namesTag = (header: string | undefined, etag: string) =>
  header !== undefined &&
  header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
