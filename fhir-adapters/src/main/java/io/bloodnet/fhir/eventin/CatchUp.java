package io.bloodnet.fhir.eventin;

/** Asked for when events may have been missed: the server polls soon, from its last watermark on. Must return at once. */
public interface CatchUp {
    /** Something may have been missed. */
    void soon();

    /** These events were missed: the EHR can be asked for them by number, polling is what remains. */
    default void soon(Missed missed) {
        soon();
    }

    /**
     * Events of one topic subscription that did not reach us.
     *
     * @param subscription as its notifications name it
     * @param from number of the first, 1 or more
     * @param to number of the last
     */
    record Missed(String subscription, long from, long to) {
        /** How many there are. */
        long count() {
            return to - from + 1;
        }
    }
}
