package io.bloodnet.server.store;

import java.util.List;
import java.util.Random;

/** The store in a process of its own, for {@link KillLoopTest}: says which rows are there, then writes and says what was confirmed, with a hog beside it. */
final class KillChild {

    static final int WRITERS = 4;
    /** Rows that a writer keeps, so that space comes free. */
    static final int KEPT = 60;

    private KillChild() {}

    /** Arguments: URL, user, seed. */
    public static void main(String[] args) {
        Database database = Database.open(args[0], args[1], null);
        database.inTransaction(
                handle -> handle.execute(
                        "create table if not exists kill_loop (writer int, n bigint, text varchar(1000000), primary key (writer, n))"));
        for (int writer = 0; writer < WRITERS; writer++) {
            int mine = writer;
            List<Long> there = database.read(
                    handle -> handle.createQuery("select n from kill_loop where writer = :writer order by n")
                            .bind("writer", mine)
                            .mapTo(long.class)
                            .list());
            say("there " + writer + " " + there.toString().replaceAll("[\\[\\],]", ""));
            long from = there.isEmpty() ? 0 : there.getLast();
            Thread.ofPlatform().start(() -> write(database, mine, from, Long.parseLong(args[2]) + mine));
        }
        Thread hog = Thread.ofPlatform().daemon().unstarted(() -> {
            while (true) {
                Thread.onSpinWait();
            }
        });
        hog.start();
        say("begun");
    }

    private static void write(Database database, int writer, long from, long seed) {
        Random random = new Random(seed);
        for (long n = from + 1; ; n++) {
            long next = n;
            // one in ten is as large as a message with a document in it: H2 keeps it apart
            String text = "x".repeat(random.nextInt(random.nextInt(10) == 0 ? 60_000 : 3_900));
            database.inTransaction(handle -> {
                handle.execute("insert into kill_loop values (?, ?, ?)", writer, next, text);
                return handle.execute("delete from kill_loop where writer = ? and n <= ?", writer, next - KEPT);
            });
            say("confirmed " + writer + " " + n);
        }
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
