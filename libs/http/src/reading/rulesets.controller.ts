import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RulesetStore } from '#libs/log';
import { PageCursors, ReadModels } from '#libs/queries';
import { Describe } from '../openapi/describe.js';
import { parameters, type Parsed } from '../parameters.js';
import { pageOf } from '../edge/refusals.js';
import { by } from '../edge/schema.pipe.js';
import { notFound } from './rulesets.js';

@ApiTags('reading')
@Controller('v1')
export class RulesetsController {
  constructor(
    private readonly rulesets: RulesetStore,
    private readonly models: ReadModels,
  ) {}

  @Get('ruleset')
  @Describe({
    id: 'getRuleset',
    summary: 'The ruleset in force',
    query: parameters.none,
    answers: { 200: ['The ruleset', 'Ruleset'] },
  })
  async present(@Query(by(parameters.none)) _none: object): Promise<object> {
    return (await this.models.ruleset()).file;
  }

  @Get('rulesets')
  @Describe({
    id: 'listRulesets',
    summary: 'Every version of the ruleset that was ever used, in the order of first use',
    query: parameters.rulesets,
    answers: { 200: ['A page', 'Rulesets'] },
  })
  async list(@Query(by(parameters.rulesets)) { limit, cursor }: Parsed<'rulesets'>): Promise<object> {
    const cursors = new PageCursors({ list: 'rulesets' }, ['string']);
    const after = cursor === undefined ? undefined : cursors.read(cursor);
    if (after === 'cursor-invalid') return pageOf(after);
    const [inForce, rows] = [
      await this.models.ruleset(),
      await this.rulesets.list(limit + 1, after?.[0] as string | undefined),
    ];
    return cursors.page(
      rows,
      limit,
      ({ version }) => [version],
      (row) => ({ ...row, inForce: row.version === inForce.version }),
    );
  }

  @Get('rulesets/:version')
  @Describe({
    id: 'getRulesetVersion',
    summary: 'One version of the ruleset',
    params: { version: 'The version' },
    query: parameters.none,
    answers: { 200: ['The ruleset', 'Ruleset'] },
    problems: { 404: 'No ruleset of this version was ever used' },
  })
  async one(@Param('version') version: string, @Query(by(parameters.none)) _none: object): Promise<object> {
    const file = version.includes('\0') ? undefined : await this.rulesets.load(version);
    if (!file) throw notFound(version);
    return file;
  }
}
