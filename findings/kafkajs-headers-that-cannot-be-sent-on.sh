#!/usr/bin/env bash
# Question: can a kafkajs consumer hand the headers of any message on to a kafkajs producer, as bridges and dead-letter queues do?
# Versions: kafkajs 2.2.4 on Node.js 20.20 (any later one is the same: the code is JavaScript alone).
# Behaviour: no, in two cases. (1) A header without a value, which the protocol and librdkafka allow, is read as null; writing
#   it throws TypeError [ERR_INVALID_ARG_TYPE], from the sizing of the record, though the line below handles null by name.
#   (2) A header called like what every object inherits ("constructor", "toString") is read as an array whose first element is
#   that inherited function; writing it throws, too.
# Output seen: "null: reads as null, writing it on: ERR_INVALID_ARG_TYPE" and "constructor: reads as function,Buffer, writing
#   it on: ERR_INVALID_ARG_TYPE".
# Why a guess is wrong: the encoder has a branch for null (`header.value === null`), the type of a header that was read is the
#   type that a producer takes, and a name is only a name; one such message makes a forwarder fail for ever at its offset.
# Date: 2026-11-28
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact kafkajs@2.2.4
cat > see.cjs <<'JS'
const Encoder = require('kafkajs/src/protocol/encoder');
const Decoder = require('kafkajs/src/protocol/decoder');
const encode = require('kafkajs/src/protocol/recordBatch/record/v0');
const decode = require('kafkajs/src/protocol/recordBatch/record/v0/decoder');

// A record as the protocol describes it, with one header.
function record(name, value) {
  const body = new Encoder().writeInt8(0).writeVarLong(0).writeVarInt(0)
    .writeVarIntBytes(Buffer.from('k')).writeVarIntBytes(Buffer.from('v'));
  body.writeVarInt(1).writeVarIntString(name).writeVarIntBytes(value);
  return body.buffer;
}
const kind = (value) => (value === null ? 'null' : Buffer.isBuffer(value) ? 'Buffer' : typeof value);
for (const [name, value] of [['plain', Buffer.from('x')], ['null', null], ['constructor', Buffer.from('x')]]) {
  const { key, value: read, headers } = decode(new Decoder(record(name, value)), { firstOffset: 0, firstTimestamp: 0 });
  let written = 'done';
  try {
    encode({ key, value: read, headers });
  } catch (error) {
    written = error.code;
  }
  console.log(`${name}: reads as ${[headers[name]].flat().map(kind)}, writing it on: ${written}`);
}
JS
node see.cjs | tee seen
diff seen - <<'TXT'
plain: reads as Buffer, writing it on: done
null: reads as null, writing it on: ERR_INVALID_ARG_TYPE
constructor: reads as function,Buffer, writing it on: ERR_INVALID_ARG_TYPE
TXT
