"""Reads events with the CloudEvents SDK for Python, 2.x: python read_with_2.py <brokers> <topic>"""

import sys

from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka
from cloudevents.core.formats.json import JSONFormat
from confluent_kafka import Consumer

brokers, topic = sys.argv[1:]
consumer = Consumer({"bootstrap.servers": brokers, "group.id": f"{topic}.python-2", "auto.offset.reset": "earliest"})
consumer.subscribe([topic])
while True:
    message = consumer.poll(1.0)
    if message is None or message.error():
        continue
    headers = dict(message.headers())
    event = from_kafka(KafkaMessage(headers, message.key(), message.value()), JSONFormat())
    place = f"{headers['shard'].decode()}:{headers['position'].decode()}"
    time = event.get_time().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    print(place, event.get_id(), event.get_type(), event.get_source(), time, event.get_data()["stream"], flush=True)
