package io.bloodnet.server;

/** Rings a queue that is built later than those who ring it. Does nothing until it is connected. Safe for all threads. */
final class Bell implements Runnable {

    private volatile Runnable queue = () -> {};

    void connect(Runnable wake) {
        queue = wake;
    }

    @Override
    public void run() {
        queue.run();
    }
}
