#!/usr/bin/env bash
# Question: does an EventSource for Node keep the `id:` of a message without data, and send it as Last-Event-ID when it reconnects?
# Versions: eventsource 4.1.1 (eventsource-parser 3.1.1), undici 7.30.2, Node.js 20.20.2.
# Behaviour: undici sends it. eventsource forgets it: it reconnects without a Last-Event-ID, or with that of the last message with data.
# Output seen:
#   eventsource: none
#   undici: 7
# Why a guess is wrong: the HTML standard sets the last event id where a message is dispatched, before it looks whether there is
# data ("set the last event ID string of the event source to the value of the last event ID buffer; if the data buffer is an empty
# string, ... return"), and undici does so. A server that sends its position as an id alone while it is quiet relies on that.
# A client on eventsource reads again what it has passed over, or, before its first message, misses what came meanwhile.
# Date: 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private": true, "type": "module"}' > package.json
npm install --silent --no-audit --no-fund --save-exact eventsource@4.1.1 eventsource-parser@3.1.1 undici@7.30.2
cat > try.mjs <<'JS'
import { createServer } from 'node:http';
import { EventSource as eventsource } from 'eventsource';
import { EventSource as undici } from 'undici';

for (const [name, Source] of Object.entries({ eventsource, undici })) {
  let source;
  const asked = await new Promise((resolve) => {
    let requests = 0;
    const server = createServer((request, response) => {
      requests += 1;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      // Ended in order, so that the client comes back.
      if (requests === 1) return response.end('retry: 50\n\nid: 7\n\n');
      resolve(request.headers['last-event-id'] ?? 'none');
      server.close();
    });
    server.listen(0, '127.0.0.1', () => (source = new Source(`http://127.0.0.1:${server.address().port}`)));
  });
  source.close();
  console.log(`${name}: ${asked}`);
}
process.exit();
JS
output=$(node --no-warnings try.mjs)
echo "$output"
[ "$output" = $'eventsource: none\nundici: 7' ]
