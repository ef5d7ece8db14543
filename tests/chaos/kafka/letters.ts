import type { IHeaders } from 'kafkajs';
import { COMMAND } from '#libs/messaging';
import type { Random } from '../../support/random.js';
import type { StatementInput, War } from '../../support/war.js';
import type { Ledger } from '../ledger.js';
import { LETTER, type Fate, type Letter } from './letter.js';

/** A statement that the brokers have acknowledged. */
interface Posted {
  statementId: string;
  key: string | null;
  input: StatementInput;
  voided: boolean;
}

/** Repeats and commands are about one of the last messages, this many: memory for all of them would grow without end. */
const REMEMBERED = 5000;

/** Makes the messages of the load, and remembers all of them with what each must become. */
export class Letters {
  readonly all = new Map<number, Letter>();
  private readonly statements = new Map<number, Posted>();
  private readonly posted: Posted[] = [];
  private serial = 0;

  constructor(
    private readonly war: War,
    private readonly random: Random,
    private readonly ledger: Ledger,
    /** Places whose registration was acknowledged. */
    private readonly registered: ReadonlySet<string>,
  ) {}

  /** Mostly statements; some again, some commands on them, and some that nobody could record. */
  next(): Letter {
    const which = this.random.next();
    if (which < 0.88) return this.statement();
    if (which < 0.92) return this.repeat();
    if (which < 0.945) return this.retraction();
    if (which < 0.96) return this.voiding();
    if (which < 0.97) return this.conflict();
    return this.bad();
  }

  /** A command on a statement that nobody ever records. The recorder waits for it a while: not too many of these. */
  stranger(): Letter {
    const statementId = this.random.uuid();
    const [command, body] = this.random.chance(0.5)
      ? ['void', { reason: 'what of it', by: 'curator' }]
      : ['retract', this.war.retraction(this.war.statement())];
    return this.letter(
      this.random.uuid(),
      JSON.stringify({ statementId, ...body }),
      { dead: 'statement-not-found' },
      { [COMMAND]: command },
    );
  }

  /** Notes that a message is in the topic for certain. */
  acknowledge(letter: Letter): void {
    const statement = this.statements.get(letter.number);
    if (statement && !letter.acknowledged) this.posted.push(statement);
    if (this.posted.length > REMEMBERED) this.posted.splice(0, REMEMBERED / 5);
    letter.acknowledged = true;
  }

  private statement(): Letter {
    const input = this.war.statement();
    if ('id' in input.location && !this.registered.has(input.location.id)) {
      const [name] = this.war.place(Number(input.location.id.slice('war-'.length))).names;
      input.location = { name: name!.name };
    }
    const statementId = this.ledger.willSend(input);
    const { location, source } = input;
    const key = this.random.chance(0.05)
      ? null
      : this.random.chance(0.5)
        ? source.url
        : 'id' in location
          ? location.id
          : location.name;
    const letter = this.letter(
      key,
      JSON.stringify(input),
      { recorded: statementId },
      this.random.chance(0.02) ? { origin: ['wörker', 'second'], empty: '' } : {},
    );
    this.statements.set(letter.number, { statementId, key, input, voided: false });
    return letter;
  }

  private repeat(): Letter {
    const posted = this.random.pick(this.posted);
    if (!posted) return this.statement();
    const key = this.random.chance(0.5) ? posted.key : this.random.uuid();
    return this.letter(key, JSON.stringify(posted.input), { recorded: posted.statementId });
  }

  private retraction(): Letter {
    const posted = this.random.pick(this.posted.slice(-500));
    if (!posted) return this.statement();
    const { statementId, input } = posted;
    const body = this.war.retraction(input) as { retractionId: string };
    this.ledger.willCommand(body.retractionId, 'claim.retracted', {
      statementId,
      retractionId: body.retractionId,
    });
    return this.command(posted, 'retract', body, body.retractionId);
  }

  /** Each at most once: what is void already gives no event. */
  private voiding(): Letter {
    const posted = this.random.pick(this.posted.slice(-500));
    if (!posted || posted.voided) return this.statement();
    posted.voided = true;
    const reason = `letter ${this.serial + 1}`;
    this.ledger.willCommand(reason, 'statement.voided', { statementId: posted.statementId });
    return this.command(posted, 'void', { reason, by: 'curator' }, reason);
  }

  /** With the key of its statement it comes after it; with another one it may come too early, and be given up. */
  private command({ statementId, key }: Posted, command: string, body: object, recorded: string): Letter {
    const after = key !== null && this.random.chance(0.8);
    const fate: Fate = after ? { recorded } : { recorded, dead: 'statement-not-found' };
    return this.letter(after ? key : this.random.uuid(), JSON.stringify({ statementId, ...body }), fate, {
      [COMMAND]: command,
    });
  }

  private conflict(): Letter {
    const posted = this.random.pick(this.posted);
    if (!posted || posted.key === null) return this.statement();
    const { input, statementId, key } = posted;
    const other = { ...input, statementId, source: { ...input.source, url: `${input.source.url}/other` } };
    return this.letter(key, JSON.stringify(other), { dead: 'statement-conflict' });
  }

  private bad(): Letter {
    const { random } = this;
    const input = this.war.statement();
    const key = random.uuid();
    const text = JSON.stringify(input);
    const wrong = (value: string | Buffer | null, dead: string, headers?: IHeaders) =>
      this.letter(key, value, { dead }, headers);
    const kinds = [
      () => wrong(JSON.stringify({ ...input, stance: 'perhaps' }), 'statement-invalid'),
      () => wrong(JSON.stringify({ ...input, claim: undefined }), 'statement-invalid'),
      () => wrong('[]', 'statement-invalid'),
      () =>
        wrong(JSON.stringify({ ...input, location: { id: `nowhere-${this.serial}` } }), 'location-unknown'),
      () => wrong(text.slice(0, random.int(1, text.length - 1)), 'message-malformed'),
      () => wrong(Buffer.from([0x22, 0xff, 0xfe, 0x00, random.int(0, 255), 0x22]), 'message-malformed'),
      () => wrong(null, 'message-malformed', { why: 'a tombstone' }),
      () => wrong('', 'message-malformed'),
      () => wrong(text, 'command-unknown', { [COMMAND]: 'forget' }),
      () => wrong(JSON.stringify({ reason: 'whose?' }), 'command-invalid', { [COMMAND]: 'void' }),
      () =>
        wrong(JSON.stringify({ statementId: random.uuid(), reason: 'whose?' }), 'command-invalid', {
          [COMMAND]: 'void',
        }),
      () =>
        wrong(
          text.slice(0, -1) + `,"quote":"${'x'.repeat(random.int(1000, 100_000))}"}`,
          'statement-invalid',
          { big: Buffer.alloc(500, 0xe9) },
        ),
    ];
    return random.pick(kinds)();
  }

  private letter(
    key: string | null,
    value: string | Buffer | null,
    fate: Fate,
    headers: IHeaders = {},
  ): Letter {
    const number = (this.serial += 1);
    const letter = {
      number,
      key,
      value: value === null ? null : Buffer.from(value),
      headers: { ...headers, [LETTER]: String(number) },
      fate,
      acknowledged: false,
    };
    this.all.set(number, letter);
    return letter;
  }
}
