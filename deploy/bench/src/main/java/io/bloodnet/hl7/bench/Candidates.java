package io.bloodnet.hl7.bench;

import ca.uhn.hl7v2.DefaultHapiContext;
import ca.uhn.hl7v2.HL7Exception;
import ca.uhn.hl7v2.app.HL7Service;
import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.protocol.ReceivingApplication;
import ca.uhn.hl7v2.util.Terser;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.mllp.MllpListener;
import io.bloodnet.hl7.orderin.OrderReceiver;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.EhrReferences;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Origin;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.Priority;
import io.bloodnet.imaging.order.Procedure;
import io.bloodnet.imaging.order.StudyUid;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The servers that are measured beside each other, all in this process. */
final class Candidates implements AutoCloseable {

    static final String WITHOUT_STORE = "without store";
    static final String ECHO = "echo";

    private final Map<String, Integer> ports = new LinkedHashMap<>();
    private final List<AutoCloseable> opened = new ArrayList<>();

    Candidates(List<MllpBench.Store> stores) throws IOException {
        for (MllpBench.Store store : stores) {
            ours(ours(store), store.inbox());
            hapi(hapi(store), store.inbox());
            hapi(hapiOneByOne(store), store.oneByOne());
        }
        ours(WITHOUT_STORE, new NothingStored());
        EchoServer echo = new EchoServer();
        opened.add(echo);
        ports.put(ECHO, echo.port());
    }

    static String ours(MllpBench.Store store) {
        return store.name() + " ours";
    }

    static String hapi(MllpBench.Store store) {
        return store.name() + " hapi";
    }

    static String hapiOneByOne(MllpBench.Store store) {
        return store.name() + " hapi one by one";
    }

    /** Where each listens on loopback. */
    Map<String, Integer> ports() {
        return ports;
    }

    private void ours(String name, OrderInbox inbox) {
        MllpListener listener = new MllpListener(
                Hl7Config.Listen.plain("127.0.0.1", 0),
                new OrderReceiver(inbox, Hl7Config.Site.defaults(), InstantSource.system()),
                new NoAudit(),
                InstantSource.system());
        listener.start();
        opened.add(listener);
        ports.put(name, listener.port());
    }

    private void hapi(String name, OrderInbox inbox) throws IOException {
        DefaultHapiContext context = new DefaultHapiContext();
        int port = freePort();
        HL7Service server = context.newServer(port, false);
        server.registerApplication("*", "*", new HapiApplication(inbox));
        try {
            server.startAndWait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        opened.add(() -> {
            server.stopAndWait();
            context.close();
        });
        ports.put(name, port);
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    @Override
    public void close() throws IOException {
        for (AutoCloseable one : opened.reversed()) {
            try {
                one.close();
            } catch (IOException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("a server of the benchmark does not close", e);
            }
        }
    }

    /** Links of the benchmark are not recorded; messages are, by the inbox. */
    private static final class NoAudit implements AuditLog {
        @Override
        public void append(Connection transaction, AuditEvent event) {
            // see above
        }

        @Override
        public void record(AuditEvent event) {
            // see above
        }
    }

    /** Writes the reply and forgets the message. */
    private static final class NothingStored implements OrderInbox {
        @Override
        public Receipt receive(IncomingMessage message, List<OrderEvent> events, OrderEvent.Reply reply) {
            List<OrderEvent.Outcome> outcomes = events.stream()
                    .map(e -> (OrderEvent.Outcome) new OrderEvent.Outcome.Applied("none"))
                    .toList();
            return new Receipt.Recorded(reply.write(outcomes), outcomes);
        }

        @Override
        public void refuse(IncomingMessage message, String reason, String reply) {
            throw new IllegalStateException("the benchmark sends good messages only");
        }
    }

    /** The same order to the same inbox, the way an application on HAPI's server does it. */
    private record HapiApplication(OrderInbox inbox) implements ReceivingApplication<Message> {
        @Override
        public Message processMessage(Message message, Map<String, Object> metadata) throws HL7Exception {
            try {
                Terser terser = new Terser(message);
                Origin origin = new Origin(Origin.Channel.HL7, terser.get("/MSH-3"), terser.get("/MSH-10"));
                byte[] body = message.encode().getBytes(StandardCharsets.UTF_8);
                Message ack = message.generateACK();
                String text = ack.encode();
                inbox.receive(
                        new IncomingMessage(origin, "ORM^O01", body, Instant.now()),
                        List.of(new OrderEvent.Placed(order(terser, origin), null)),
                        outcomes -> text);
                return ack;
            } catch (IOException e) {
                throw new HL7Exception(e);
            }
        }

        private static ImagingOrder order(Terser terser, Origin origin) throws HL7Exception {
            return new ImagingOrder(
                    new OrderKey(
                            new StudyUid(terser.get("/.ZDS-1-1")),
                            new AccessionNumber(terser.get("/.ORC-3-1")),
                            terser.get("/.ORC-2-1"),
                            terser.get("/.ORC-3-1")),
                    Patient.known(new PatientId(terser.get("/.PID-3-1"), terser.get("/.PID-3-4"))),
                    "O",
                    null,
                    new Procedure(List.of(new Procedure.Coding(terser.get("/.OBR-4-1"), null, null))),
                    Priority.ROUTINE,
                    null,
                    Instant.now(),
                    true,
                    EhrReferences.none(),
                    origin);
        }

        @Override
        public boolean canProcess(Message message) {
            return true;
        }
    }
}
