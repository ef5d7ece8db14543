#!/usr/bin/env bash
# Question: what do the CloudEvents SDKs for Python and JavaScript make of a Kafka message (binary mode) that lacks ce_id or
# ce_time?
# Versions: cloudevents 1.13.0 and 2.2.0 (PyPI), cloudevents 10.0.0 (npm), Python 3.11, Node 20.
# Behaviour: both of Python give an event with a random id, another one each time the same message is read, and the present
# as its time, and no error. JavaScript refuses a message without ce_id, and gives one without ce_time the present, too.
# Output seen:
#   python 1.13.0: without ce_id: two reads, two ids; without ce_time: a time is there
#   python 2.2.0: without ce_id: two reads, two ids; without ce_time: a time is there
#   javascript 10.0.0: without ce_id: No CloudEvent detected; without ce_time: a time is there
# Why a guess is wrong: `id` is a required attribute, and `from_binary` and `from_kafka` read what somebody else wrote: one
# expects an error, as for a missing `type` or `source`. A reader that finds repeats by (source, id) misses them without an error.
# Date: 2026-11-28
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >look.py <<'PYTHON'
import sys

SENT = {"ce_specversion": b"1.0", "ce_id": b"1", "ce_type": b"t", "ce_source": b"urn:s",
        "ce_time": b"2025-11-20T00:00:00Z", "content-type": b"application/json"}


def read(missing):
    headers = {name: value for name, value in SENT.items() if name != missing}
    if sys.argv[1].startswith("1."):
        from cloudevents.kafka import KafkaMessage, from_binary

        return from_binary(KafkaMessage(headers, b"key", b"{}")).get_attributes()
    from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka
    from cloudevents.core.formats.json import JSONFormat

    return from_kafka(KafkaMessage(headers, b"key", b"{}"), JSONFormat()).get_attributes()


ids = {str(read("ce_id")["id"]) for _ in range(2)}
time = "a time is there" if read("ce_time").get("time") else "no time"
print(f"python {sys.argv[1]}: without ce_id: two reads, {'two ids' if len(ids) == 2 else 'one id'}; without ce_time: {time}")
PYTHON

cat >look.cjs <<'JAVASCRIPT'
const { Kafka } = require('cloudevents');
const SENT = { ce_specversion: '1.0', ce_id: '1', ce_type: 't', ce_source: 'urn:s',
  ce_time: '2025-11-20T00:00:00Z', 'content-type': 'application/json' };
function read(missing) {
  const { [missing]: _, ...headers } = SENT;
  try {
    return Kafka.toEvent({ headers, key: 'key', value: Buffer.from('{}') });
  } catch (error) {
    return error.message;
  }
}
const id = read('ce_id');
const time = read('ce_time').time ? 'a time is there' : 'no time';
console.log(`javascript 10.0.0: without ce_id: ${typeof id === 'string' ? id : 'an event'}; without ce_time: ${time}`);
JAVASCRIPT

for version in 1.13.0 2.2.0; do
  python3 -m venv "python-$version"
  "python-$version/bin/pip" install --quiet --disable-pip-version-check "cloudevents==$version"
  "python-$version/bin/python" look.py "$version"
done >said
npm install --silent --no-audit --no-fund --prefix "$folder" cloudevents@10.0.0 >/dev/null
node look.cjs >>said

cat said
diff said - <<'EXPECTED'
python 1.13.0: without ce_id: two reads, two ids; without ce_time: a time is there
python 2.2.0: without ce_id: two reads, two ids; without ce_time: a time is there
javascript 10.0.0: without ce_id: No CloudEvent detected; without ce_time: a time is there
EXPECTED
