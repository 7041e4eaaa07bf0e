package io.bloodnet.audit.witness;

import io.bloodnet.audit.anchor.Anchor;
import io.bloodnet.audit.anchor.AnchorUnavailableException;
import io.bloodnet.audit.ledger.Checkpoint;
import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.MalformedNoteException;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.ledger.SignedNote;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A witness that is reached by HTTP (C2SP tlog-witness), ours or a public one. Used by the anchoring thread. */
public final class HttpWitness implements Anchor, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpWitness.class);

    /** For all that is asked about one checkpoint, to the last byte of the last answer. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private static final int ASKED_MAX = 3;

    private final String name;
    private final URI addCheckpoint;
    private final PublicKeys trusted;
    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    private long witnessSize;
    /** Whether the witness signed that it knows this size; anybody on the way can write a number. */
    private boolean sizeIsSigned = true;

    /**
     * @param name under which the witness signs
     * @param base its address, to which {@code /add-checkpoint} is added
     * @param trusted the witness's public keys
     */
    public HttpWitness(String name, URI base, PublicKeys trusted) {
        this.name = name;
        this.addCheckpoint = URI.create(base.toString().replaceAll("/$", "") + "/add-checkpoint");
        this.trusted = trusted;
    }

    @Override
    public String name() {
        return "witness " + name;
    }

    @Override
    public Optional<SignedNote> newest() {
        return Optional.empty();
    }

    @Override
    public Answer keep(SignedNote note, Growth growth) {
        long size = Checkpoint.parse(note.text()).size();
        long end = System.nanoTime() + TIMEOUT.toNanos();
        try {
            for (int asked = 0; asked < ASKED_MAX; asked++) {
                if (witnessSize > size) {
                    // Another server of this database told it of more; only a log that lost entries is refused.
                    return witnessSize > growth.size()
                            ? believed(sizeIsSigned, "it has seen " + witnessSize + " entries")
                            : new Answer.Kept();
                }
                HttpResponse<String> response = ask(note, growth, size, end);
                if (response.statusCode() == 409 && size(response.body()) != witnessSize) {
                    witnessSize = size(response.body());
                    sizeIsSigned = isSigned(response, note);
                    continue;
                }
                return answer(response, note, size);
            }
        } catch (IOException | MalformedNoteException e) {
            throw new AnchorUnavailableException("the witness does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AnchorUnavailableException("interrupted while asking the witness", e);
        }
        throw new AnchorUnavailableException("the witness names another size each time");
    }

    private HttpResponse<String> ask(SignedNote note, Growth growth, long size, long end)
            throws IOException, InterruptedException {
        StringBuilder body = new StringBuilder("old " + witnessSize + "\n");
        for (Hash hash : growth.proof(witnessSize, size)) {
            body.append(hash.base64()).append('\n');
        }
        HttpRequest request = HttpRequest.newBuilder(addCheckpoint)
                .POST(HttpRequest.BodyPublishers.ofString(
                        body.append('\n').append(note.format()).toString()))
                .build();
        CompletableFuture<HttpResponse<String>> answer = client.sendAsync(
                request,
                HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), SignedNote.CHARS_MAX));
        try {
            // The request's own timeout would end with the headers; this one ends with the last byte.
            return answer.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IOException("no complete answer within " + TIMEOUT, e);
        } catch (ExecutionException e) {
            throw new IOException("the connection broke", e.getCause());
        } finally {
            answer.cancel(true); // ends the exchange, unless it has its answer
        }
    }

    private Answer answer(HttpResponse<String> response, SignedNote note, long size) {
        return switch (response.statusCode()) {
            case 200 -> {
                SignedNote.Signature signature =
                        SignedNote.Signature.parse(response.body().stripTrailing());
                if (!trusted.cosigned(note.with(signature), name)) {
                    throw new AnchorUnavailableException("the answer is not signed by the witness");
                }
                witnessSize = size;
                sizeIsSigned = true;
                yield new Answer.Cosigned(signature);
            }
            case 409 -> believed(isSigned(response, note), "it has seen other entries up to " + size);
            case 422 -> believed(isSigned(response, note), "the log does not follow from what it has seen");
            default -> throw new AnchorUnavailableException("the witness answered " + response.statusCode());
        };
    }

    /** A refusal closes the log until a person decides: so only the witness itself can say it. */
    private Answer believed(boolean signed, String reason) {
        if (signed) {
            return new Answer.Refused(reason);
        }
        witnessSize = 0; // what was said is not known to be true: it is asked again from the begin
        sizeIsSigned = true;
        LOG.error(
                "{} seems to refuse the log ({}) without its signature: not believed, look at what lies between",
                name(),
                reason);
        throw new AnchorUnavailableException("a refusal without the witness's signature: " + reason);
    }

    private boolean isSigned(HttpResponse<String> response, SignedNote note) {
        try {
            String coded = response.headers().firstValue(WitnessServer.REFUSAL).orElse("");
            String line = new String(Base64.getDecoder().decode(coded), StandardCharsets.UTF_8);
            SignedNote.Signature signature = SignedNote.Signature.parse(line);
            String refusal = Witness.refusal(note, size(response.body()));
            return trusted.cosigned(new SignedNote(refusal, List.of(signature)), name);
        } catch (IllegalArgumentException | MalformedNoteException e) {
            return false;
        }
    }

    private static long size(String body) {
        String digits = body.strip();
        if (!digits.matches("0|[1-9][0-9]{0,17}")) {
            throw new MalformedNoteException("the witness's size is malformed");
        }
        return Long.parseLong(digits);
    }

    @Override
    public void close() {
        client.shutdownNow(); // an exchange that hangs is not waited for
    }
}
