package io.bloodnet.server.cdshooks.memory;

/** The fake keeps the contract, so tests against it say something. */
class FakeCardStoreTest extends CardStoreContract {

    private FakeCardStore only;

    @Override
    CardStore open() {
        if (only == null) {
            only = new FakeCardStore(audit, clock);
        }
        return only;
    }
}
