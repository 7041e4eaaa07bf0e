package io.bloodnet.server.cdshooks.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The contract over a real database, and what only a database has. */
abstract class JdbiCardStoreContract extends CardStoreContract {

    private final List<JdbiCardStore> opened = new ArrayList<>();

    abstract Database database();

    @Override
    CardStore open() {
        JdbiCardStore store = new JdbiCardStore(database(), audit, clock);
        opened.add(store);
        return store;
    }

    @AfterEach
    void close_and_empty() {
        opened.forEach(JdbiCardStore::close);
        database()
                .inTransaction(handle -> handle.execute("delete from cds_feedback")
                        + handle.execute("delete from cds_card")
                        + handle.execute("delete from cds_used_token"));
    }

    @Test
    void forgets_dead_tokens() {
        store.write(call(use("jti-dead")));
        clock.advance(Duration.ofMinutes(6));
        open().write(call(use("jti-any"))); // a writer prunes when it starts
        int left = database()
                .read(handle -> handle.createQuery("select count(*) from cds_used_token")
                        .mapTo(Integer.class)
                        .one());
        assertThat(left).as("the new token alone is there").isEqualTo(1);
    }

    @Test
    void writes_the_good_calls_beside_a_bad_one() throws Exception {
        ShownCard card = card("job-1", "Practitioner/1");
        store.write(call(null, card));
        List<Thread> threads = new ArrayList<>();
        List<Object> results = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 20; i++) {
            ShownCard one = i == 7 ? card : card("job-1", "Practitioner/1"); // the seventh's uuid is there already
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    results.add(store.write(call(null, one)));
                } catch (CardStoreException e) {
                    results.add(e.fault());
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(results).hasSize(20).containsOnlyOnce(CardStoreException.Fault.DATABASE);
    }

    @Test
    void refuses_calls_once_closed() {
        opened.getLast().close();
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> store.write(call(null)))
                .isInstanceOfSatisfying(
                        CardStoreException.class,
                        e -> assertThat(e.fault()).isEqualTo(CardStoreException.Fault.CLOSED));
    }
}
