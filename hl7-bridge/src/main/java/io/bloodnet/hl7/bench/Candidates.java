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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The servers that are measured beside each other, all in this process. */
final class Candidates implements AutoCloseable {

    static final String OURS = "ours";
    static final String HAPI = "hapi";
    static final String WITHOUT_STORE = "without store";
    static final String ECHO = "echo";

    private final Map<String, Integer> ports = new LinkedHashMap<>();
    private final MllpListener ours;
    private final MllpListener withoutStore;
    private final HL7Service hapi;
    private final DefaultHapiContext hapiContext = new DefaultHapiContext();
    private final EchoServer echo;

    Candidates(OrderInbox inbox) throws IOException {
        ours = listener(inbox);
        withoutStore = listener(new NothingStored());
        int hapiPort = freePort();
        hapi = hapiContext.newServer(hapiPort, false);
        hapi.registerApplication("*", "*", new HapiApplication(inbox));
        startHapi();
        echo = new EchoServer();
        ports.put(OURS, ours.port());
        ports.put(HAPI, hapiPort);
        ports.put(WITHOUT_STORE, withoutStore.port());
        ports.put(ECHO, echo.port());
    }

    /** Where each listens on loopback. */
    Map<String, Integer> ports() {
        return ports;
    }

    private void startHapi() {
        try {
            hapi.startAndWait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static MllpListener listener(OrderInbox inbox) {
        MllpListener listener = new MllpListener(
                Hl7Config.Listen.plain("127.0.0.1", 0),
                new OrderReceiver(inbox, Hl7Config.Site.defaults(), InstantSource.system()),
                new NoAudit(),
                InstantSource.system());
        listener.start();
        return listener;
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    @Override
    public void close() throws IOException {
        ours.close();
        withoutStore.close();
        echo.close();
        hapi.stopAndWait();
        hapiContext.close();
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
