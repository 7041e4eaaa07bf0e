package io.bloodnet.server.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.sandbox.SandboxHospital;
import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.hl7.ReceivedMessage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Sees from outside when each study's suspicion is there: on the worklist, at the EHR, at the HL7 receiver. Used by one thread. */
final class FlagWatcher {

    /** Where a flag can be seen. */
    enum Place {
        /** The worklist's row, which is committed with the card. */
        CARD,
        EHR,
        ORU
    }

    private static final long LOOK_MS = 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SandboxHospital hospital;
    private final HttpRequest worklist;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<SampleCase, Map<Place, Long>> seen = new HashMap<>();
    private final Map<SampleCase, String> jobs = new HashMap<>();
    private int reports;
    private int messages;

    /** @param server its address */
    FlagWatcher(SandboxHospital hospital, String server) {
        this.hospital = hospital;
        this.worklist =
                HttpRequest.newBuilder(URI.create(server + "/api/worklist")).build();
        this.reports = hospital.ehr().resources("DiagnosticReport").size();
        this.messages = hospital.hl7().received().size();
    }

    /**
     * Watches until all is seen.
     *
     * @throws IOException when it is not in time
     */
    void await(List<SampleCase> cases, Duration max) throws IOException, InterruptedException {
        long end = System.nanoTime() + max.toNanos();
        while (!cases.stream().allMatch(this::isComplete)) {
            if (System.nanoTime() - end > 0) {
                long flagged = cases.stream().filter(this::isComplete).count();
                throw new IOException("only " + flagged + " of " + cases.size() + " bleeds were told within " + max);
            }
            look(cases);
            Thread.sleep(LOOK_MS);
        }
    }

    /** When the flag was seen there, by {@link System#nanoTime()}. */
    long at(SampleCase sample, Place place) {
        return Objects.requireNonNull(seen.getOrDefault(sample, Map.of()).get(place), "it was waited for");
    }

    /** The server's id of the order's job. */
    String job(SampleCase sample) {
        return jobs.getOrDefault(sample, "");
    }

    private boolean isComplete(SampleCase sample) {
        return seen.getOrDefault(sample, Map.of()).size() == Place.values().length;
    }

    private void look(List<SampleCase> cases) throws IOException, InterruptedException {
        List<ObjectNode> filed = hospital.ehr().resources("DiagnosticReport");
        for (JsonNode report : filed.subList(Math.min(reports, filed.size()), filed.size())) {
            String text = report.toString();
            cases.stream().filter(one -> text.contains(one.studyUid())).forEach(one -> saw(one, Place.EHR));
        }
        reports = filed.size();
        List<ReceivedMessage> received = hospital.hl7().received();
        for (ReceivedMessage message : received.subList(Math.min(messages, received.size()), received.size())) {
            cases.stream()
                    .filter(one -> message.text().contains(one.accession()))
                    .forEach(one -> saw(one, Place.ORU));
        }
        messages = received.size();
        JsonNode items = JSON.readTree(
                        http.send(worklist, BodyHandlers.ofString()).body())
                .path("items");
        for (JsonNode item : items) {
            cases.stream()
                    .filter(one -> item.path("accessionNumber").asText().equals(one.accession()))
                    .forEach(one -> {
                        jobs.put(one, item.path("jobId").asText());
                        if (item.path("suspected").asBoolean()) {
                            saw(one, Place.CARD);
                        }
                    });
        }
    }

    private void saw(SampleCase sample, Place place) {
        seen.computeIfAbsent(sample, one -> new EnumMap<>(Place.class)).putIfAbsent(place, System.nanoTime());
    }
}
