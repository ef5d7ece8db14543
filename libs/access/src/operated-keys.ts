import type { Result } from '#libs/domain';
import { performOperation, type EventStore } from '#libs/log';
import type { KeyRefusalCode, KeyRequest, Rotation } from './key-request.js';
import { generateSecret } from './key-text.js';
import { type IssuedKey, type Key, Keys } from './keys.js';

/** What is done to keys, with the event that says who did it. @param signature of who does it; none where nobody is known */
export class OperatedKeys {
  constructor(private readonly store: EventStore) {}

  /** As `Keys.create`. */
  create(request: KeyRequest, signature: string | undefined): Promise<Result<IssuedKey, KeyRefusalCode>> {
    const secret = generateSecret();
    return performOperation(
      this.store,
      { operation: 'key.created', subject: secret.id, detail: describe(request), signature },
      (db) => new Keys(db).create(request, signature, secret),
      ({ ok }) => ok,
    );
  }

  /** As `Keys.rotate`. */
  rotate(
    id: string,
    rotation: Rotation,
    signature: string | undefined,
  ): Promise<Result<IssuedKey, KeyRefusalCode>> {
    return performOperation(
      this.store,
      { operation: 'key.rotated', subject: id, signature },
      (db) => new Keys(db).rotate(id, rotation),
      ({ ok }) => ok,
    );
  }

  /** As `Keys.end`. */
  revoke(
    id: string,
    signature: string | undefined,
  ): Promise<Result<{ key: Key; changed: boolean }, KeyRefusalCode>> {
    return performOperation(
      this.store,
      { operation: 'key.revoked', subject: id, signature },
      (db) => new Keys(db).end(id, signature),
      (outcome) => outcome.ok && outcome.value.changed,
    );
  }
}

const describe = ({ name, roles }: KeyRequest): string => `${name} (${roles.join(', ')})`;
