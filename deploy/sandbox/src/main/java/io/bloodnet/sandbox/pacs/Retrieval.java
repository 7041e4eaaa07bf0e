package io.bloodnet.sandbox.pacs;

import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One WADO-RS answer (PS3.18 10.4): the files as multipart/related with a Content-Length, written part by part. */
final class Retrieval {

    private static final String BOUNDARY = "bloodnet-sandbox-part";
    private static final String TYPE = "application/dicom";

    private final List<StoredInstance> instances;
    private final @Nullable PacsFault fault;
    private final CountDownLatch closing;

    /** @param single whether one instance was asked for */
    Retrieval(List<StoredInstance> there, boolean single, @Nullable PacsFault fault, CountDownLatch closing) {
        this.instances = fault instanceof PacsFault.Omit omit ? without(there, single, omit) : there;
        this.fault = fault;
        this.closing = closing;
    }

    private static List<StoredInstance> without(List<StoredInstance> there, boolean single, PacsFault.Omit omit) {
        if (single && !omit.alsoSingly()) {
            return there;
        }
        List<StoredInstance> left = new ArrayList<>();
        for (StoredInstance instance : there) {
            int number = instance.header()
                    .integer(io.bloodnet.imaging.dicom.Tag.INSTANCE_NUMBER)
                    .orElse(0);
            if (number % omit.every() != 0) {
                left.add(instance);
            }
        }
        return left;
    }

    void send(ServerResponse response) throws IOException, InterruptedException {
        if (instances.isEmpty()) {
            response.status(404).send("nothing here\n");
            return;
        }
        response.status(200)
                .header("Content-Type", "multipart/related; type=\"" + TYPE + "\"; boundary=" + BOUNDARY)
                .header("Content-Length", Long.toString(length()));
        long budget = switch (fault) {
            case PacsFault.Truncate(long afterBytes) -> afterBytes;
            case PacsFault.Stall(long afterBytes, Duration _) -> afterBytes;
            case null, default -> Long.MAX_VALUE;
        };
        try (OutputStream out = response.outputStream()) {
            for (byte[] piece : pieces()) {
                int part = (int) Math.min(budget, piece.length);
                out.write(piece, 0, part);
                budget -= part;
                if (part < piece.length) {
                    out.flush();
                    breakOff();
                }
            }
        }
    }

    private void breakOff() throws InterruptedException {
        if (fault instanceof PacsFault.Stall(long _, Duration time)) {
            closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
        }
        throw new CloseConnectionException("cut as told");
    }

    private List<byte[]> pieces() {
        List<byte[]> pieces = new ArrayList<>();
        for (StoredInstance instance : instances) {
            pieces.add(Multipart.partHead(BOUNDARY, pieces.isEmpty(), TYPE, instance.file().length));
            pieces.add(instance.file());
        }
        pieces.add(Multipart.end(BOUNDARY));
        return pieces;
    }

    private long length() {
        return pieces().stream().mapToLong(piece -> piece.length).sum();
    }
}
