import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../support/random.js';
import type { StatementInput, War } from '../support/war.js';
import type { Caller, Reply } from './http.js';
import type { Answer, Ledger } from './ledger.js';

interface Own {
  statementId: string;
  input: StatementInput;
  voided: boolean;
  /** Voided by a correction. */
  corrected?: boolean;
  retractions: { id: string; voided: boolean }[];
}

type Receipt = Answer & { statementId?: string; token: string; duplicate: boolean };

/**
 * Sends all kinds of writes, one after the other, each until it is acknowledged. It marks, retracts and merges only what is
 * its own, so that it knows the result of each of its commands; it repeats statements of anybody.
 */
export class Writer {
  readonly faults: string[] = [];
  private readonly own: Own[] = [];
  private readonly places: { id: string; mergedInto?: string }[] = [];
  private serial = 0;

  constructor(
    private readonly number: number,
    private readonly writers: number,
    private readonly war: War,
    private readonly random: Random,
    private readonly ledger: Ledger,
    private readonly caller: Caller,
    /** Places whose registration was acknowledged. */
    private readonly registered: Set<string>,
  ) {}

  /** @param pauseMs between one write and the next, where others are to have the machine too */
  async run(until: () => boolean, pauseMs = 0): Promise<void> {
    try {
      for (; !until(); await sleep(pauseMs)) await this.step();
    } catch (error) {
      this.faults.push(`writer ${this.number}: ${(error as Error).message}`);
    }
  }

  private step(): Promise<void> {
    const { random } = this;
    const which = random.next();
    if (which < 0.34) return this.single(this.statement());
    if (which < 0.44) return this.single(this.earlier());
    if (which < 0.6) return this.array();
    if (which < 0.66) return this.lines();
    if (which < 0.74) return this.retract();
    if (which < 0.8) return this.mark();
    if (which < 0.83) return this.correct();
    if (which < 0.86) return this.conflict();
    if (which < 0.91) return this.register();
    if (which < 0.94) return this.changePlace();
    return this.merge();
  }

  private async single(input: StatementInput): Promise<void> {
    const key = this.ledger.willSend(input);
    const { status, body } = await this.caller.json('POST', '/v1/statements', input);
    if (status !== 200 && status !== 201) return this.fault('a statement', { status, body }, input);
    const receipt = this.heard(key, body as Receipt, input);
    if (this.random.chance(0.1)) await this.readBack(key, receipt);
  }

  private async array(): Promise<void> {
    const inputs = this.many(this.random.int(2, 40));
    const keys = inputs.map((input) => this.ledger.willSend(input));
    const reply = await this.caller.json('POST', '/v1/statements', inputs);
    if (reply.status !== 200) return this.fault('an array', reply, inputs);
    const { results } = reply.body as { results: (Receipt & { status?: number })[] };
    if (results.length !== inputs.length)
      return this.fault('an array: other than one result each', reply, inputs);
    results.forEach((result, at) => {
      if (result.status === undefined) this.heard(keys[at]!, result, inputs[at]!);
      else this.fault('a statement of an array', { status: result.status, body: result }, inputs[at]!);
    });
  }

  private async lines(): Promise<void> {
    const inputs = this.many(this.random.int(20, 300));
    const keys = inputs.map((input) => this.ledger.willSend(input));
    let total: { recorded: number; duplicates: number; refused: number } | undefined;
    await this.caller.lines('/v1/statements?results=all', inputs, (line) => {
      const {
        line: number,
        problem,
        recorded,
        ...rest
      } = line as Receipt & {
        line?: number;
        problem?: { status: number };
        recorded?: number;
        progress?: object;
      };
      if (problem && (problem.status >= 500 || number === undefined))
        throw new Error(`in the midst of it: ${JSON.stringify(problem)}`);
      if (problem) this.fault('a line', { status: problem.status, body: problem }, inputs[number! - 1]!);
      else if (number !== undefined) this.heard(keys[number - 1]!, rest, inputs[number - 1]!);
      else if (recorded !== undefined) total = line as typeof total & object;
    });
    if (!total || total.recorded + total.duplicates !== inputs.length)
      this.fault('NDJSON: the sums do not fit', { status: 200, body: total }, inputs.length);
    for (const key of keys)
      if (!this.ledger.answers.has(key))
        this.faults.push(`writer ${this.number}: NDJSON: no result for ${key}`);
  }

  private async retract(): Promise<void> {
    const own = this.anyOwn();
    if (!own) return;
    const body = this.war.retraction(own.input) as { retractionId: string };
    this.ledger.willCommand(body.retractionId, 'claim.retracted', {
      statementId: own.statementId,
      retractionId: body.retractionId,
    });
    if (await this.command(body.retractionId, 'POST', `/v1/statements/${own.statementId}/retract`, body))
      own.retractions.push({ id: body.retractionId, voided: false });
  }

  private async mark(): Promise<void> {
    const own = this.anyOwn();
    if (!own) return;
    const retraction = this.random.chance(0.3) ? this.random.pick(own.retractions) : undefined;
    const target = retraction ?? own;
    const voided = !target.voided;
    const reason = this.reason();
    this.ledger.willCommand(reason, voided ? 'statement.voided' : 'statement.reinstated', {
      statementId: own.statementId,
      ...(retraction && { retractionId: retraction.id }),
    });
    const path = `/v1/statements/${retraction?.id ?? own.statementId}/void`;
    const done = voided
      ? await this.command(reason, 'POST', path, { reason, by: `writer ${this.number}` })
      : await this.command(reason, 'DELETE', `${path}?reason=${encodeURIComponent(reason)}`);
    if (done) Object.assign(target, { voided, ...(!voided && { corrected: false }) });
  }

  /** Void and statement in one: after whatever has happened in between both are there, or neither. */
  private async correct(): Promise<void> {
    const own = this.anyOwn();
    if (!own || own.corrected || own.retractions.some(({ voided }) => !voided)) return;
    const { statementId } = own;
    const [input, reason, by] = [this.statement(), this.reason(), `writer ${this.number}`];
    const right = this.ledger.willSend(input, { corrects: statementId, by });
    this.ledger.willCommand(reason, 'statement.voided', { statementId, replacedBy: right });
    const path = `/v1/statements/${statementId}/correct`;
    const reply = await this.caller.json('POST', path, { by, reason, statement: input });
    if (reply.status !== 200 && reply.status !== 201) return this.fault(`POST ${path}`, reply, input);
    const receipt = reply.body as Receipt & { voided: Answer };
    this.ledger.answered(right, receipt);
    this.ledger.answered(reason, {
      ...receipt.voided,
      locationId: this.ledger.answers.get(statementId)!.locationId,
    });
    Object.assign(own, { voided: true, corrected: true });
    this.own.push({ statementId: right, input, voided: false, retractions: [] });
  }

  /** The same id with other content is refused, whatever has happened in between. */
  private async conflict(): Promise<void> {
    const { acknowledged } = this.ledger;
    if (acknowledged.length === 0) return;
    const { statementId, input } = this.random.pick(acknowledged);
    const other = { ...input, statementId, source: { ...input.source, url: `${input.source.url}/other` } };
    const reply = await this.caller.json('POST', '/v1/statements', other);
    if (reply.status !== 409) this.fault('other content under an id that is taken', reply, other);
  }

  private async register(): Promise<void> {
    const { war } = this;
    const at = this.places.length * this.writers + this.number;
    if (at >= war.registered) return this.changePlace();
    const { id, ...facts } = war.place(at);
    const reason = this.reason();
    this.ledger.willCommand(reason, 'location.registered', {
      locationId: id,
      country: facts.country,
      region: facts.region,
      coordinates: facts.coordinates,
    });
    if (!(await this.command(reason, 'POST', '/v1/locations', { id, ...facts, reason }))) return;
    this.places.push({ id });
    this.registered.add(id);
  }

  private async changePlace(): Promise<void> {
    const place = this.random.pick(this.places);
    if (!place) return;
    const reason = this.reason();
    if (this.random.chance(0.5)) {
      const name = `${place.id} ${reason}`;
      this.ledger.willCommand(reason, 'location.name-added', { locationId: place.id, name });
      await this.command(reason, 'POST', `/v1/locations/${place.id}/names`, { name, reason });
    } else {
      const coordinates = [30 + (this.serial % 1000) / 1000, 48 + this.number / 100];
      this.ledger.willCommand(reason, 'location.positioned', { locationId: place.id, coordinates });
      await this.command(reason, 'PUT', `/v1/locations/${place.id}/coordinates`, { coordinates, reason });
    }
  }

  private async merge(): Promise<void> {
    const { places, random } = this;
    if (places.length < 3) return this.register();
    const reason = this.reason();
    const merged = places.filter(({ mergedInto }) => mergedInto);
    if (merged.length > 0 && random.chance(merged.length / places.length + 0.3)) {
      const place = random.pick(merged);
      this.ledger.willCommand(reason, 'location.unmerged', { locationId: place.id, from: place.mergedInto });
      if (
        await this.command(
          reason,
          'DELETE',
          `/v1/locations/${place.id}/merge?reason=${encodeURIComponent(reason)}`,
        )
      )
        delete place.mergedInto;
      return;
    }
    // Two that are part of no other: no circle can come of it.
    const roots = places.filter(({ mergedInto }) => !mergedInto);
    const [place, into] = [random.pick(roots), random.pick(roots)];
    if (!place || !into || place === into) return;
    this.ledger.willCommand(reason, 'location.merged', { locationId: place.id, into: into.id });
    if (await this.command(reason, 'POST', `/v1/locations/${place.id}/merge`, { into: into.id, reason }))
      place.mergedInto = into.id;
  }

  /** A writer sees what it has written, after whatever has happened in between. */
  private async readBack(key: string, { token, eventId }: Receipt): Promise<void> {
    const reply = await this.caller.json('GET', `/v1/statements/${key}?after=${token}&wait=10000`);
    if (reply.status !== 200 || (reply.body as Receipt).eventId !== eventId)
      this.fault('reading back what was written', reply, key);
  }

  private async command(key: string, method: string, path: string, body?: object): Promise<boolean> {
    const reply = await this.caller.json(method, path, body);
    if (reply.status !== 200 && reply.status !== 201) {
      this.fault(`${method} ${path}`, reply, body);
      return false;
    }
    this.ledger.answered(key, reply.body as Receipt);
    return true;
  }

  private heard(key: string, receipt: Receipt, input: StatementInput): Receipt {
    const known = this.ledger.answers.has(key);
    if (receipt.statementId !== key)
      this.faults.push(`writer ${this.number}: statement ${key} was answered as ${receipt.statementId}`);
    this.ledger.answered(key, receipt, input);
    if (!known) this.own.push({ statementId: key, input, voided: false, retractions: [] });
    return receipt;
  }

  private many(count: number): StatementInput[] {
    const inputs: StatementInput[] = [];
    for (let at = 0; at < count; at++)
      inputs.push(
        this.random.chance(0.08)
          ? (inputs[0] ?? this.statement())
          : this.random.chance(0.12)
            ? this.earlier()
            : this.statement(),
      );
    return inputs;
  }

  private statement(): StatementInput {
    const input = this.war.statement();
    if (!('id' in input.location) || this.registered.has(input.location.id)) return input;
    const [name] = this.war.place(Number(input.location.id.slice('war-'.length))).names;
    return { ...input, location: { name: name!.name } };
  }

  /** One that was acknowledged already. */
  private readonly earlier = (): StatementInput =>
    this.random.pick(this.ledger.acknowledged)?.input ?? this.statement();

  /** Rather a new one of its own. */
  private readonly anyOwn = (): Own | undefined =>
    this.random.pick(this.random.chance(0.5) ? this.own.slice(-50) : this.own);

  private readonly reason = () => `writer ${this.number}, command ${(this.serial += 1)}`;

  private fault(what: string, { status, body }: Reply, sent: unknown): void {
    this.faults.push(
      `writer ${this.number}: ${what} was answered ${status} ${JSON.stringify(body).slice(0, 500)}; ` +
        `sent: ${JSON.stringify(sent)?.slice(0, 700)}`,
    );
  }
}
