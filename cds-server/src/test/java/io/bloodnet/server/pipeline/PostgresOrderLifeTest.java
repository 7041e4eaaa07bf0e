package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.server.store.Database;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresOrderLifeTest extends OrderLifeContract {

    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() throws IOException {
        // The helper turns durability off for speed; the server refuses that, rightly.
        postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .start();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    @Override
    Database open() {
        Database database = Database.open(postgres.getJdbcUrl("postgres", "postgres"), "postgres", null);
        for (String table : tables()) {
            database.inTransaction(handle -> handle.execute("delete from " + table));
        }
        return database;
    }

    @Test
    void two_servers_that_get_the_same_messages_at_once_take_each_of_them_once() throws Exception {
        try (OrderLife here = new OrderLife(open());
                OrderLife there =
                        new OrderLife(Database.open(postgres.getJdbcUrl("postgres", "postgres"), "postgres", null))) {
            List<Receipt> receipts = Collections.synchronizedList(new ArrayList<>());
            List<Thread> links = Stream.of(here, here, here, there, there, there)
                    .map(server -> Thread.ofVirtual().start(() -> {
                        for (int i = 0; i < 15; i++) {
                            receipts.add(server.receive("ID" + i, "body", order(i)));
                        }
                    }))
                    .toList();
            for (Thread link : links) {
                link.join();
            }
            assertThat(receipts).hasSize(6 * 15);
            assertThat(receipts.stream().filter(Receipt.Recorded.class::isInstance))
                    .hasSize(15);
            assertThat(here.jobCount()).isEqualTo(15);
        }
    }

    private static OrderEvent order(int i) {
        OrderKey key = new OrderKey(null, new AccessionNumber("ACC" + i), null, null);
        return new OrderEvent.Placed(
                OrderLife.order(null, "ACC", OrderLife.ANN, 1).withKey(key), null);
    }
}
