package io.bloodnet.server;

import io.bloodnet.audit.store.Ledger;
import io.bloodnet.server.http.Metrics;
import io.bloodnet.server.intake.OrderIntake;
import io.bloodnet.server.pipeline.Lanes;
import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.util.Map;

/** What metrics say of whether work goes on: the alert rules in deploy/dashboards ask for these names. */
final class StateOfWork {

    private static final double MS = 1_000;

    private StateOfWork() {}

    static void show(Metrics metrics, OrderIntake inbox, Ledger ledger, Map<String, Database> pools) {
        inbox.outcomes()
                .forEach((outcome, count) -> metrics.counter(
                        "bloodnet_messages",
                        "messages with orders by what became of them; failed ones were not acknowledged",
                        Map.of("outcome", outcome),
                        count));
        metrics.help("bloodnet_messages_refused_total", "messages that were refused, by channel and reason");
        metrics.samples(() -> inbox.refusals().all().stream()
                .map(count -> new Metrics.Sample(
                        "bloodnet_messages_refused_total",
                        Map.of(
                                "channel",
                                count.why().channel(),
                                "reason",
                                count.why().reason()),
                        count.messages()))
                .toList());
        metrics.gauge(
                "bloodnet_intake_oldest_seconds",
                "how long the oldest message has waited that is not durable yet",
                () -> seconds(inbox.oldest()));
        metrics.gauge(
                "bloodnet_audit_unsigned_seconds",
                "how long the oldest audit entry has waited that is under no signed checkpoint",
                () -> seconds(ledger.status().unsigned()));
        metrics.gauge(
                "bloodnet_audit_writable",
                "1 while the audit log takes entries",
                () -> ledger.status().isWritable() ? 1 : 0);
        pools.forEach((name, pool) -> {
            metrics.gauge(
                    "bloodnet_database_connections_in_use",
                    "connections in use, by what they are for",
                    Map.of("pool", name),
                    pool::connectionsInUse);
            metrics.gauge(
                    "bloodnet_database_connections_limit",
                    "connections that there are at most, by what they are for",
                    Map.of("pool", name),
                    pool::connectionsMax);
            metrics.gauge(
                    "bloodnet_database_connections_wanted",
                    "callers that wait for a connection, by what it is for",
                    Map.of("pool", name),
                    pool::waitingForConnection);
        });
        metrics.gauge(
                "bloodnet_disk_free_bytes",
                "room where the server's working folder is",
                () -> new java.io.File(".").getUsableSpace());
    }

    /** Which peer is away. */
    static void show(Metrics metrics, Lanes lanes) {
        metrics.help("bloodnet_peer_away_seconds", "how long all tries have found the peer away; 0 while it answers");
        metrics.samples(() -> lanes.silences().entrySet().stream()
                .map(peer -> new Metrics.Sample(
                        "bloodnet_peer_away_seconds",
                        Map.of("peer", peer.getKey()),
                        peer.getValue().plusMillis(999).toSeconds())) // away at all is never 0
                .toList());
    }

    private static double seconds(Duration time) {
        return time.toMillis() / MS;
    }
}
