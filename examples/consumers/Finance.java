import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.HashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * The same three rules as finance.py, in Java: last + 1 applies, at or below last is a copy, more
 * is a gap; book on settled and reversed alone; a gesture once per direction. It reads the topic
 * from its beginning (recoveries are kept for ever) and prints what every account comes to.
 * A system that keeps its books in a database commits entries and offsets together, as finance.py.
 *
 *   java -cp "kafka-clients.jar:jackson-*.jar" Finance.java 127.0.0.1:29092
 */
public class Finance {
    record Booking(String state, int direction) {}

    static final String TOPIC = "recoveries";
    static final Map<String, Booking> BOOKED = Map.of(
            "kulanse.recovery.settled.v1", new Booking("posted", 1),
            "kulanse.recovery.reversed.v1", new Booking("voided", -1));

    final Map<String, Long> versions = new HashMap<>();
    final Set<String> booked = new HashSet<>();
    final Map<String, Long> accounts = new TreeMap<>();

    void apply(String kind, JsonNode event) {
        if (!event.has("version")) {
            return; // an approval that was refused changes nothing
        }
        String recovery = event.get("recovery_id").asText();
        long version = event.get("version").asLong();
        long last = versions.getOrDefault(recovery, 0L);
        if (version <= last) {
            return;
        }
        if (version > last + 1) {
            throw new IllegalStateException("gap in " + recovery + ": " + version + " after " + last);
        }
        versions.put(recovery, version);
        Booking booking = BOOKED.get(kind);
        if (booking == null) {
            return;
        }
        for (JsonNode gesture : event.path("gestures")) {
            long amountMinor = gesture.path("amount_minor").asLong();
            boolean ours = gesture.get("state").asText().equals(booking.state()) && amountMinor != 0;
            if (ours && booked.add(gesture.get("gesture_id").asText() + booking.direction())) {
                String account = gesture.get("account").asText() + " " + gesture.get("currency").asText();
                accounts.merge(account, booking.direction() * amountMinor, Long::sum);
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", arguments[0]);
        settings.put("isolation.level", "read_committed");
        settings.put("enable.auto.commit", "false");
        Finance books = new Finance();
        ObjectMapper json = new ObjectMapper();
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> places = consumer.partitionsFor(TOPIC).stream()
                    .map(each -> new TopicPartition(TOPIC, each.partition())).toList();
            consumer.assign(places);
            consumer.seekToBeginning(places);
            Map<TopicPartition, Long> ends = consumer.endOffsets(places);
            while (places.stream().anyMatch(place -> consumer.position(place) < ends.get(place))) {
                for (ConsumerRecord<String, byte[]> each : consumer.poll(Duration.ofMillis(500))) {
                    String kind = new String(each.headers().lastHeader("ce_type").value());
                    books.apply(kind, json.readTree(each.value()));
                }
            }
        }
        System.out.println(json.writeValueAsString(books.accounts));
    }
}
