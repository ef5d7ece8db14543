import { accept, parseBody, parseRuleset, refuse, rulesetSchema, type Outcome, type Ruleset } from '#libs/domain';
import { z } from 'zod';
import { rebuildSpec } from './rebuild-spec.js';

const rebuild = z
  .strictObject({
    kind: z.literal('rebuild'),
    ruleset: rulesetSchema.optional().meta({ description: 'A ruleset to rebuild with; by default that of the service' }),
    compare: z.boolean().default(false).meta({ description: 'Only tell which places would change their status; nothing takes effect' }),
  })
  .meta({ description: 'The read models anew, from the log' });

/** A run as it is asked for, by kind. */
export const replayRequestSchema = z.discriminatedUnion('kind', [rebuild], { error: 'must be a kind of replay: "rebuild"' });

type Request = z.output<typeof replayRequestSchema>;

/** What a request can need of the service. */
export interface RequestNeeds {
  /** The ruleset that the service is set to, whether it is in force or not. */
  presentRuleset: () => Promise<Ruleset>;
}

/** Reads a request for a run. @returns its kind, and its spec in the words of the kind */
export async function readReplayRequest(body: unknown, needs: RequestNeeds): Promise<Outcome<{ kind: string; spec: object }>> {
  const parsed = parseBody(replayRequestSchema, body, 'replay-invalid');
  return parsed.ok ? specOf(parsed.value, needs) : parsed;
}

async function specOf(request: Request, needs: RequestNeeds): Promise<Outcome<{ kind: string; spec: object }>> {
  const { kind, ruleset, compare } = request;
  if (!ruleset) return accept({ kind, spec: rebuildSpec(await needs.presentRuleset(), compare) });
  const read = parseRuleset(ruleset);
  if (read.ok) return accept({ kind, spec: rebuildSpec(read.ruleset, compare) });
  const faults = read.faults.map(({ pointer, detail }) => ({ pointer: `/ruleset${pointer}`, detail }));
  return refuse('replay-invalid', `${faults[0]!.pointer} ${faults[0]!.detail}`, faults);
}
