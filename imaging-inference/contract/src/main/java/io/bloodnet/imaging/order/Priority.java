package io.bloodnet.imaging.order;

/** How urgent an order is. Declared from most to least urgent: {@code ordinal} sorts the queue. */
public enum Priority {
    /** STAT, timing critical, or an emergency patient class. */
    STAT,
    /** As soon as possible, urgent. */
    URGENT,
    /** Everything else. */
    ROUTINE
}
