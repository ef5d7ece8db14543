import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  CountOutcomes,
  type OutcomeFilter,
  outcomesSchema,
  QUERIES,
  type QueryExecutor,
} from '#libs/queries';
import { Describe } from '../openapi/describe.js';
import { by } from '../edge/schema.pipe.js';
import { parameters, type Parsed, path } from '../parameters.js';
import { Questions } from './questions.js';

const described: Omit<Parameters<typeof Describe>[0], 'id' | 'summary' | 'params'> = {
  description:
    'Counts with their definitions, never a score. The outcomes are those of the newest 10,000 statements; `from` and `to` ' +
    'count others. The statements themselves are listed by /v1/statements. With asOf, knownAt or ruleset they are counted as of ' +
    'then, and their places are folded one by one.',
  query: parameters.outcomes,
  answers: { 200: ['The counts', outcomesSchema] },
  problems: {
    404: 'No such ruleset',
    504: 'The read models have not reached `after`, or lack events that were recorded by `knownAt`',
  },
};

/** What somebody said, and what has become of it. */
@ApiTags('reading')
@Controller('v1')
export class OutcomesController {
  constructor(
    @Inject(QUERIES) private readonly queries: QueryExecutor,
    private readonly questions: Questions,
  ) {}

  @Get('speakers/:name')
  @Describe({
    ...described,
    id: 'getSpeaker',
    summary: 'The statements of a speaker, counted by what has become of them',
    params: { name: path.speaker },
  })
  speaker(
    @Query(by(parameters.outcomes)) query: Parsed<'outcomes'>,
    @Param(by(parameters.named)) { name }: Parsed<'named'>,
  ): Promise<object> {
    return this.outcomes('speaker', name, query);
  }

  @Get('outlets/:name')
  @Describe({
    ...described,
    id: 'getOutlet',
    summary: 'The statements read at an outlet, counted by what has become of them',
    params: { name: path.outlet },
  })
  outlet(
    @Query(by(parameters.outcomes)) query: Parsed<'outcomes'>,
    @Param(by(parameters.named)) { name }: Parsed<'named'>,
  ): Promise<object> {
    return this.outcomes('outlet', name, query);
  }

  private async outcomes(
    of: OutcomeFilter['of'],
    name: string,
    { after, wait, ruleset, ...times }: Parsed<'outcomes'>,
  ): Promise<object> {
    const { options } = await this.questions.begin({ after, wait, ruleset }, times);
    return this.queries.execute(new CountOutcomes({ of, name, ...times }, undefined, options.ruleset));
  }
}
