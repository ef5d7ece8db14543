import { Injectable } from '@nestjs/common';
import { printable, type Ruleset } from '#libs/domain';
import { RulesetStore } from '#libs/log';
import { Problem } from '#libs/platform';

/** This many rulesets that were used last are kept: the content of a version never changes. */
const MAX_CACHED_RULESETS = 20;

/** The rulesets that questions name. */
@Injectable()
export class Rulesets {
  private readonly ready = new Map<string, Ruleset>();

  constructor(private readonly store: RulesetStore) {}

  /** @returns undefined where none is asked for @throws Problem 404 `ruleset-not-found` where the version was never used */
  async of(version: string | undefined): Promise<Ruleset | undefined> {
    if (version === undefined) return undefined;
    const found = this.ready.get(version) ?? (await this.load(version));
    this.ready.delete(version);
    this.ready.set(version, found);
    if (this.ready.size > MAX_CACHED_RULESETS) this.ready.delete(this.ready.keys().next().value!);
    return found;
  }

  private async load(version: string): Promise<Ruleset> {
    if (version.includes('\0') || !(await this.store.load(version))) throw notFound(version);
    return this.store.ruleset(version);
  }
}

export const notFound = (version: string) =>
  new Problem(404, 'ruleset-not-found', `no ruleset of the version ${printable(version, 200)} was ever used`);
