// Reads events with the CloudEvents SDK for Java (pom.xml): java -cp 'jars/*' Read.java <brokers> <topic>
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.CloudEventDeserializer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

class Read {
  public static void main(String[] args) {
    Map<String, Object> settings = Map.of("bootstrap.servers", args[0], "group.id", args[1] + ".java", "auto.offset.reset", "earliest");
    try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new CloudEventDeserializer())) {
      consumer.subscribe(List.of(args[1]));
      while (true) {
        for (ConsumerRecord<String, CloudEvent> message : consumer.poll(Duration.ofSeconds(1))) {
          CloudEvent event = message.value();
          String place = header(message, "shard") + ":" + header(message, "position");
          String json = new String(event.getData().toBytes(), StandardCharsets.UTF_8);
          System.out.println(String.join(" ", place, event.getId(), event.getType(),
              event.getSource().toString(), event.getTime().toString(), json));
        }
      }
    }
  }

  static String header(ConsumerRecord<?, ?> message, String name) {
    return new String(message.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }
}
