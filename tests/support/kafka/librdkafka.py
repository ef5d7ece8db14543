"""A producer of librdkafka, driven by lines of JSON on stdin; each is answered by one line on stdout (librdkafka.ts)."""

import base64
import json
import sys

from confluent_kafka import Producer


def unpacked(text):
    return None if text is None else base64.b64decode(text)


producer = Producer(json.loads(sys.argv[1]))
reports = []


def produce(messages):
    for message in messages:
        place = {name: message[name] for name in ("partition", "timestamp") if name in message}
        producer.produce(
            message["topic"],
            key=unpacked(message.get("key")),
            value=unpacked(message.get("value")),
            headers=[(name, unpacked(value)) for name, value in message.get("headers", [])],
            on_delivery=lambda error, _: reports.append(error),
            **place,
        )


def flush():
    left = producer.flush(60)
    failed = [str(error) for error in reports if error is not None]
    reports.clear()
    if left or failed:
        raise RuntimeError("; ".join(failed) or f"{left} messages are not delivered")


commands = {
    "init": lambda _: producer.init_transactions(60),
    "begin": lambda _: producer.begin_transaction(),
    "produce": lambda order: produce(order["messages"]),
    "flush": lambda _: flush(),
    "commit": lambda _: producer.commit_transaction(60),
    "abort": lambda _: producer.abort_transaction(60),
}

for line in sys.stdin:
    order = json.loads(line)
    try:
        commands[order["do"]](order)
        answer = {}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
