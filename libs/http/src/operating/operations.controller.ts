import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access } from '#libs/access';
import { EventStore } from '#libs/log';
import { notReady, Problem, Readiness, ready, SETTINGS, type Settings } from '#libs/platform';
import { readLag, ReadModels } from '#libs/queries';
import { Describe } from '../openapi/describe.js';
import { Answer } from '../edge/answer.js';
import { Forms, TEXT } from '../edge/forms.js';
import { ApiMetrics } from '../edge/metrics.js';
import { by } from '../edge/schema.pipe.js';
import { parameters } from '../parameters.js';

@ApiTags('operating')
@Controller()
export class OperationsController {
  constructor(
    private readonly store: EventStore,
    private readonly models: ReadModels,
    private readonly metrics: ApiMetrics,
    private readonly readiness: Readiness,
    private readonly access: Access,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Get('v1/projections')
  @Describe({
    id: 'getProjections',
    summary: 'Progress of the read models, for each shard',
    query: parameters.none,
    answers: { 200: ['All shards', 'Projections'] },
  })
  async projections(@Query(by(parameters.none)) _none: object): Promise<object> {
    const items = await readLag(this.models, this.store);
    const reached = new Map(items.map(({ shard, checkpoint }) => [shard, checkpoint]));
    return {
      rulesetVersion: (await this.models.ruleset()).version,
      items,
      nextCursor: null,
      token: this.store.epochs.format(reached),
    };
  }

  @Get('v1/parties')
  @Describe({
    id: 'listParties',
    summary: 'The parties that the ruleset knows, with their sides',
    query: parameters.none,
    answers: { 200: ['All parties', 'Parties'] },
  })
  async parties(@Query(by(parameters.none)) _none: object): Promise<object> {
    const { version, sides, parties } = (await this.models.ruleset()).file;
    const listed = parties.map(({ id, side, names }) => ({ id, side, names }));
    const unlisted = sides
      .filter(({ id }) => !parties.some((party) => party.id === id))
      .map(({ id, name }) => ({ id, side: id, names: [name] }));
    return {
      version,
      sides,
      items: [...listed, ...unlisted].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      nextCursor: null,
    };
  }

  @Get('healthz')
  @Describe({ id: 'getHealth', summary: 'Alive', answers: { 200: ['Alive', 'Health'] }, alone: true })
  health(): object {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Describe({
    id: 'getReadiness',
    summary:
      'Ready: database and broker are available, read models are close behind the log, every part works',
    answers: { 200: ['Ready; warnings name what should be looked at', 'Health'] },
    problems: { 503: 'Not ready; the detail has the reason' },
  })
  async ready(): Promise<object> {
    const problems = await this.readiness.problems();
    if (problems.length > 0) throw notReady(problems);
    return { ...ready(await this.readiness.warnings()), open: this.access.open };
  }

  @Get('metrics')
  @Forms(TEXT)
  @Describe({
    id: 'getMetrics',
    summary: 'Metrics for Prometheus',
    answers: { 200: ['The metrics', { 'text/plain': { text: 'The text format of Prometheus' } }] },
    problems: { 404: 'They are served at another port' },
    alone: true,
  })
  async prometheus(): Promise<Answer> {
    if (this.settings.metrics)
      throw new Problem(404, 'not-found', 'metrics are served at another port: METRICS_PORT');
    const { registry } = this.metrics;
    return new Answer(await registry.metrics(), { type: registry.contentType });
  }
}
