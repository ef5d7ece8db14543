import {
  canonicalJson,
  keptRuleset,
  sha256,
  type Instant,
  type Ruleset,
  type RulesetFile,
} from '#libs/domain';
import type pg from 'pg';
import type { Repository } from 'typeorm';
import { entitiesOn } from './schema/data-source.js';
import { RulesetRow } from './schema/ruleset-row.js';

/** The interval between reads of the version in force: at this rate they cost nothing, one for each request would. */
const RECENT_MS = 100;

/**
 * Every version of the ruleset that states were ever derived with, and which of them is in force. The content of a version
 * never changes.
 */
export class RulesetStore {
  private opened: Promise<Repository<RulesetRow>> | undefined;
  private known: Ruleset | undefined;
  private last: Promise<Ruleset> | undefined;
  private lastUntil = 0;

  constructor(private readonly pool: pg.Pool) {}

  /**
   * Keeps a ruleset under its version; does nothing if it is kept already.
   * @throws Error if that version is kept with other content
   */
  async remember(file: RulesetFile): Promise<void> {
    const content = canonicalJson(file);
    const digest = sha256(content).toString('hex');
    const rows = await this.rows();
    await rows
      .createQueryBuilder()
      .insert()
      .values({ version: file.version, content, digest })
      .orIgnore()
      .updateEntity(false)
      .execute();
    const kept = await rows.findOneByOrFail({ version: file.version });
    if (kept.digest !== digest)
      throw new Error(
        `ruleset ${file.version} was used before with other content: give the changed file a version of its own`,
      );
  }

  /** The versions in the order of their first use, after a given one, at most `limit`. */
  async list(limit: number, after?: string): Promise<{ version: string; firstUsedAt: Instant }[]> {
    const { rows } = await this.pool.query<{ version: string; firstUsedAt: Date }>(
      `select version, first_used_at as "firstUsedAt" from claimline.rulesets
       where $1::text is null or (first_used_at, version) > (select first_used_at, version from claimline.rulesets where version = $1)
       order by first_used_at, version limit $2`,
      [after ?? null, limit],
    );
    return rows.map(({ version, firstUsedAt }) => ({ version, firstUsedAt: firstUsedAt.toISOString() }));
  }

  /** The ruleset of a version as it was kept; undefined if none was used. */
  async load(version: string): Promise<RulesetFile | undefined> {
    const kept = await (await this.rows()).findOneBy({ version });
    return kept ? (JSON.parse(kept.content) as RulesetFile) : undefined;
  }

  /** The ruleset of a version, ready for use. @throws Error if none was used */
  async ruleset(version: string): Promise<Ruleset> {
    const kept = await this.load(version);
    if (!kept)
      throw new Error(
        `the read models are derived with ruleset ${version}, which is not kept: run \`claimline rebuild\``,
      );
    return keptRuleset(kept);
  }

  /** The ruleset in force, with which events are decided on; undefined before the first read models are made. */
  async findInForce(): Promise<Ruleset | undefined> {
    const { rows } = await this.pool.query<{ version: string }>(
      'select version from claimline.ruleset_in_force',
    );
    const version = rows[0]?.version;
    if (version === undefined) return undefined;
    const found = this.known?.version === version ? this.known : await this.ruleset(version);
    return (this.known = found);
  }

  /** The ruleset in force. @throws Error before the first read models are made */
  async inForce(): Promise<Ruleset> {
    const found = await this.findInForce();
    if (!found) throw new Error('no ruleset is in force yet: run `claimline start`');
    return found;
  }

  /** As `inForce`, up to a moment old, for writes by the thousand; the last known one if it cannot be read. */
  recent(): Promise<Ruleset> {
    if (!this.last || performance.now() > this.lastUntil) {
      this.last = this.inForce().catch((error: unknown) => {
        if (this.known) return this.known;
        throw error;
      });
      this.lastUntil = performance.now() + RECENT_MS;
    }
    return this.last;
  }

  private rows(): Promise<Repository<RulesetRow>> {
    this.opened ??= entitiesOn(this.pool).then(
      (source) => source.getRepository(RulesetRow),
      (error: unknown) => {
        this.opened = undefined;
        throw error;
      },
    );
    return this.opened;
  }
}
