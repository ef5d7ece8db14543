"""Reads events with the CloudEvents SDK for Python, 1.x: python read_with_1.py <brokers> <topic>"""

import sys

from cloudevents.kafka import KafkaMessage, from_binary
from confluent_kafka import Consumer

brokers, topic = sys.argv[1:]
consumer = Consumer({"bootstrap.servers": brokers, "group.id": f"{topic}.python-1", "auto.offset.reset": "earliest"})
consumer.subscribe([topic])
while True:
    message = consumer.poll(1.0)
    if message is None or message.error():
        continue
    headers = dict(message.headers())
    event = from_binary(KafkaMessage(headers, message.key(), message.value()))
    place = f"{headers['shard'].decode()}:{headers['position'].decode()}"
    print(place, event["id"], event["type"], event["source"], event["time"], event.data["stream"], flush=True)
