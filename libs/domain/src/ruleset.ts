import { z } from 'zod';
import { validationIssues } from './values/validation-issues.js';
import type { ValidationIssue } from './values/refusal.js';
import { fold } from './values/fold.js';
import { name as nameField, memoize, text } from './values/text.js';

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be lower-case letters, digits, ".", "_" or "-", at most 64');

export const sideSchema = z
  .strictObject({
    id: id.meta({ description: 'Its id', examples: ['russia'] }),
    name: nameField(200).meta({ description: 'How it is shown', examples: ['Russia'] }),
    belligerent: z
      .boolean()
      .default(false)
      .meta({ description: 'An adversary of every other side that does not name its own' }),
    adversaries: z
      .array(id)
      .max(100)
      .optional()
      .meta({ description: 'Its adversaries: sides, instead of the belligerents' }),
  })
  .meta({ title: 'Side', description: 'An alignment of parties. Its id is a party of it too' });

export const partySchema = z
  .strictObject({
    id: id.meta({ description: 'Its id', examples: ['dnr'] }),
    side: id.meta({ description: 'The side that it is of', examples: ['russia'] }),
    names: z
      .array(nameField(200))
      .max(100)
      .default([])
      .meta({ description: 'Other names that it goes by', examples: [['DNR']] }),
  })
  .meta({ title: 'Party', description: 'Who speaks or acts' });

export const rulesetSchema = z
  .strictObject({
    version: text(64).meta({
      description: 'States name the version that they were derived with',
      examples: ['2025-11-1'],
    }),
    sides: z.array(sideSchema).max(1000).meta({ description: 'The sides' }),
    parties: z.array(partySchema).max(10_000).default([]).meta({ description: 'The parties of the sides' }),
  })
  .meta({ title: 'Ruleset', description: 'The rules: sides, and the parties that belong to them' });

/** The file as it is written: sides, and the parties that belong to them. */
export type RulesetFile = z.output<typeof rulesetSchema>;

/** The identity of a side, never shown. Those of known sides, unknown parties and independents never collide. */
export type SideKey = `side:${string}` | `party:${string}` | `independent:${string}`;

/** Whether it is the side of a party that the ruleset does not know: perhaps a misspelling. */
export const isUnknown = (side: SideKey): boolean => side.startsWith('party:');

/** A party under a ruleset: `id` is the ruleset's id, or the name as given where the ruleset does not know it. */
export interface Party {
  /** By which parties are compared: `side:` and the id, of a known party that is no side too; else `party:` and the folded name. */
  key: string;
  id: string;
  side: SideKey;
  known: boolean;
}

/** A ruleset ready for use (docs/domain.md, "The ruleset"). */
export interface Ruleset {
  readonly version: string;
  readonly file: RulesetFile;
  /** The party of an id or name, compared folded; an unknown one is a side of its own. */
  party(given: string): Party;
  /** Whether `other` is an adversary of `side` by the ruleset alone (holders of a place are adversaries besides). */
  opposes(other: SideKey, side: SideKey): boolean;
}

const known = (sideId: string): SideKey => `side:${sideId}`;

/** Validates a ruleset file. The faults name every wrong field, including names that clash. */
export function parseRuleset(
  input: unknown,
): { ok: true; ruleset: Ruleset } | { ok: false; faults: ValidationIssue[] } {
  const parsed = rulesetSchema.safeParse(input);
  if (!parsed.success) return { ok: false, faults: validationIssues(parsed.error) };
  const { ruleset, faults } = made(parsed.data);
  return faults.length > 0 ? { ok: false, faults } : { ok: true, ruleset };
}

/** A ruleset that was in use, valid by today's rules or not: where two parties share a name, the first has it. */
export const keptRuleset = (file: RulesetFile): Ruleset => made(file).ruleset;

function made(file: RulesetFile): { ruleset: Ruleset; faults: ValidationIssue[] } {
  const faults: ValidationIssue[] = [];
  const sides = new Map<string, RulesetFile['sides'][number]>();
  const parties = new Map<string, Party>();

  const name = (given: string, party: Party, pointer: string) => {
    const other = parties.get(fold(given));
    if (other && other.id !== party.id)
      faults.push({ pointer, detail: `"${given}" is a name of party "${other.id}" already` });
    else parties.set(fold(given), party);
  };

  file.sides.forEach((side, at) => {
    if (sides.has(side.id))
      faults.push({ pointer: `/sides/${at}/id`, detail: `side "${side.id}" stands twice` });
    sides.set(side.id, side);
    const party = { key: known(side.id), id: side.id, side: known(side.id), known: true };
    name(side.id, party, `/sides/${at}/id`);
    name(side.name, party, `/sides/${at}/name`);
  });
  file.sides.forEach((side, at) =>
    side.adversaries?.forEach((adversary, n) => {
      if (!sides.has(adversary))
        faults.push({ pointer: `/sides/${at}/adversaries/${n}`, detail: `no side "${adversary}"` });
    }),
  );
  const ids = new Set<string>();
  file.parties.forEach(({ id, side, names }, at) => {
    if (ids.has(id)) faults.push({ pointer: `/parties/${at}/id`, detail: `party "${id}" stands twice` });
    ids.add(id);
    if (!sides.has(side)) faults.push({ pointer: `/parties/${at}/side`, detail: `no side "${side}"` });
    if (sides.has(id) && id !== side)
      faults.push({
        pointer: `/parties/${at}/side`,
        detail: `"${id}" is a side, and so a party of that side`,
      });
    const party = { key: known(id), id, side: known(side), known: true };
    name(id, party, `/parties/${at}/id`);
    names.forEach((given, n) => name(given, party, `/parties/${at}/names/${n}`));
  });

  const belligerents = new Set(
    file.sides.filter(({ belligerent }) => belligerent).map(({ id }) => known(id)),
  );
  /** The adversaries of the sides that name their own. */
  const named = new Map(
    file.sides.flatMap(({ id, adversaries }) =>
      adversaries ? [[known(id), new Set(adversaries.map(known))] as const] : [],
    ),
  );

  return {
    faults,
    ruleset: {
      version: file.version,
      file,
      party: memoize((given) => {
        const folded = fold(given);
        return (
          parties.get(folded) ?? { key: `party:${folded}`, id: given, side: `party:${folded}`, known: false }
        );
      }),
      opposes(other, side) {
        const adversaries = named.get(side);
        return adversaries ? adversaries.has(other) : other !== side && belligerents.has(other);
      },
    },
  };
}
