package io.bloodnet.audit.witness;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.MalformedNoteException;
import io.bloodnet.audit.ledger.MerkleProofs;
import io.bloodnet.audit.ledger.SignedNote;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A witness as a server of its own: {@code POST /add-checkpoint} as C2SP tlog-witness says. One thread answers. */
public final class WitnessServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WitnessServer.class);

    private static final int BODY_BYTES_MAX = 64 * 1024;

    private final HttpServer server;
    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final Witness witness;

    private WitnessServer(HttpServer server, Witness witness) {
        this.server = server;
        this.witness = witness;
    }

    /** Listens; port 0 takes a free one. */
    public static WitnessServer start(Witness witness, InetSocketAddress address) throws IOException {
        WitnessServer started = new WitnessServer(HttpServer.create(address, 0), witness);
        started.server.createContext("/add-checkpoint", started::handle);
        started.server.setExecutor(started.executor);
        started.server.start();
        LOG.info("audit witness {} listens, next: take checkpoints", witness.name());
        return started;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** Carries the witness's signature over a refusal ({@link Witness#refusal}), base64 of the signature's line. */
    static final String REFUSAL = "Witness-Refusal";

    private record Reply(int status, String body, SignedNote.@Nullable Signature refusal) {
        Reply(int status, String body) {
            this(status, body, null);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Reply reply = reply(exchange);
            byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
            if (reply.status() == 409) {
                exchange.getResponseHeaders().set("Content-Type", "text/x.tlog.size");
            }
            SignedNote.Signature refusal = reply.refusal();
            if (refusal != null) {
                byte[] line = refusal.line().getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set(REFUSAL, Base64.getEncoder().encodeToString(line));
            }
            exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private Reply reply(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("POST")) {
            return new Reply(405, "");
        }
        byte[] body = exchange.getRequestBody().readNBytes(BODY_BYTES_MAX + 1);
        if (body.length > BODY_BYTES_MAX) {
            return new Reply(413, "");
        }
        try {
            return reply(new String(body, StandardCharsets.UTF_8));
        } catch (MalformedNoteException e) {
            return new Reply(400, e.getMessage() + "\n");
        } catch (RuntimeException e) {
            LOG.error("audit witness cannot answer, nothing was signed", e);
            return new Reply(500, "");
        }
    }

    private Reply reply(String body) {
        int end = body.indexOf("\n\n");
        if (end < 0) {
            throw new MalformedNoteException("no empty line before the checkpoint");
        }
        String[] head = body.substring(0, end).split("\n", -1);
        SignedNote note = SignedNote.parse(body.substring(end + 2));
        Witness.Answer answer = witness.add(oldSize(head[0]), proof(head), note);
        LOG.info("audit witness was asked: {}", answer.getClass().getSimpleName());
        return switch (answer) {
            case Witness.Answer.Cosigned cosigned ->
                new Reply(200, cosigned.signature().line() + "\n");
            case Witness.Answer.Conflict conflict -> new Reply(409, conflict.size() + "\n", conflict.signature());
            case Witness.Answer.Malformed malformed -> new Reply(400, "old size over new size\n");
            case Witness.Answer.NotSigned notSigned -> new Reply(403, "");
            case Witness.Answer.NotConsistent notConsistent ->
                new Reply(422, notConsistent.size() + "\n", notConsistent.signature());
        };
    }

    private static long oldSize(String line) {
        if (!line.matches("old (0|[1-9][0-9]{0,17})")) {
            throw new MalformedNoteException("the first line is not the old size");
        }
        return Long.parseLong(line.substring("old ".length()));
    }

    private static List<Hash> proof(String[] head) {
        if (head.length - 1 > MerkleProofs.HASHES_MAX) {
            throw new MalformedNoteException("the proof is too long");
        }
        List<Hash> proof = new ArrayList<>();
        for (int i = 1; i < head.length; i++) {
            try {
                proof.add(Hash.ofBase64(head[i]));
            } catch (IllegalArgumentException e) {
                throw new MalformedNoteException("the proof holds what is not a hash");
            }
        }
        return proof;
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
