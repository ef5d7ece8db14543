import { z } from 'zod';
import { OUTCOMES, POSITIONS } from '../statements/outcome.js';
import { count, instant, text } from './answer-fields.js';

const outcomeCountSchema = z
  .object({
    outcome: z
      .enum(OUTCOMES)
      .meta({
        title: 'Outcome',
        description:
          'The first that holds. `voided`: struck out as a mistake of recording. `retracted`: taken back by those who said it. ' +
          '`no-effect`: a hint, a partial loss, or not about control. Else the standing that the claim to control, which the ' +
          'statement is for or against, has at its place now: `disputed`: some say so, others deny it; `conceded`: nobody ' +
          'denies it, and an adversary of the holder says so or has conceded; `corroborated`: two sides and two origins say ' +
          'so; `claimed`: one side or one origin says so, nobody denies it; `withdrawn`: nobody says so, the holder itself ' +
          'not; `denied`: nobody says so, others deny it; `superseded`: nobody speaks of it any more, after later statements',
      }),
    position: z
      .enum(POSITIONS)
      .nullable()
      .meta({ description: 'For or against the control of a holder; null for the first three outcomes' }),
    count: count('How many of the counted statements'),
  })
  .meta({ id: 'OutcomeCount', description: 'How many statements have had an outcome' });

export const outcomesSchema = z
  .object({
    statements: count('All statements'),
    firstStatedAt: instant('When the first was stated').nullable(),
    lastStatedAt: instant('When the last was stated').nullable(),
    counted: count('The newest of them, at most 10,000, whose outcomes are counted'),
    places: count('The places that those are about'),
    outcomes: z
      .array(outcomeCountSchema)
      .meta({
        description:
          'Each counted statement once. These are counts: no score, and no verdict on who was right',
      }),
    rulesetVersion: text('The ruleset of the claims', 'russia-ukraine-2025-11.1'),
  })
  .meta({ id: 'Outcomes', description: 'Statements, counted by what has become of them by now' });
