package io.bloodnet.imaging.order;

/** How urgent an order is. Declared from most to least urgent: {@code ordinal} sorts the queue. */
public enum Priority {
    /** STAT, timing critical, or an emergency patient class. */
    STAT,
    /** As soon as possible, urgent. */
    URGENT,
    /** Everything else. */
    ROUTINE;

    /** The more urgent of the two. */
    public Priority moreUrgent(Priority other) {
        return compareTo(other) <= 0 ? this : other;
    }
}
