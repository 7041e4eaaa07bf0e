package io.bloodnet.server.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A pretend scanner that stores a study slice by slice by STOW-RS. Safe for many threads; a call blocks its own. */
final class Scanner {

    private static final String BOUNDARY = "bloodnet-bench-scanner";
    private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI studies;

    /** In which order slices are stored. The localizer always comes first. */
    enum Order {
        FEET,
        HEAD,
        ANY;

        List<byte[]> of(List<byte[]> axial, long seed) {
            List<byte[]> ordered = new ArrayList<>(axial);
            switch (this) {
                case FEET -> {}
                case HEAD -> Collections.reverse(ordered);
                case ANY -> Collections.shuffle(ordered, new Random(seed));
            }
            return ordered;
        }
    }

    /** @param dicomWeb the archive's DICOMweb base address */
    Scanner(String dicomWeb) {
        this.studies = URI.create(dicomWeb + "/studies");
    }

    /**
     * Stores files one after the other.
     *
     * @param perSecond files in a second; 0 for as fast as the archive takes them
     * @return when the archive had acknowledged the last one, by {@link System#nanoTime()}
     */
    long store(List<byte[]> files, double perSecond) throws IOException, InterruptedException {
        long start = System.nanoTime();
        for (int i = 0; i < files.size(); i++) {
            if (perSecond > 0) {
                long due = start + (long) (i / perSecond * TimeUnit.SECONDS.toNanos(1));
                TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            }
            store(files.get(i));
        }
        return System.nanoTime();
    }

    private void store(byte[] file) throws IOException, InterruptedException {
        ByteArrayOutputStream body = new ByteArrayOutputStream(file.length + 256);
        body.writeBytes(
                ("--" + BOUNDARY + "\r\nContent-Type: application/dicom\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        body.writeBytes(file);
        body.writeBytes(("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII));
        HttpRequest request = HttpRequest.newBuilder(studies)
                .timeout(ANSWER_MAX)
                .header("Content-Type", "multipart/related; type=\"application/dicom\"; boundary=" + BOUNDARY)
                .header("Accept", "application/dicom+json")
                .POST(BodyPublishers.ofByteArray(body.toByteArray()))
                .build();
        HttpResponse<Void> answer = http.send(request, BodyHandlers.discarding());
        if (answer.statusCode() != 200) {
            throw new IOException("the archive answered a slice with HTTP status " + answer.statusCode());
        }
    }
}
