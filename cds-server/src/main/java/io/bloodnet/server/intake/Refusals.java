package io.bloodnet.server.intake;

import io.bloodnet.imaging.order.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;

/** Why messages were refused, counted. Numbers in a reason make no other reason of it. Safe for all threads. */
public final class Refusals {

    /** Reasons that are told apart; each further one is "other": a sender must not fill our memory. */
    private static final int REASONS_MAX = 40;

    private static final int CHARS_MAX = 80;
    private static final Pattern NUMBERS = Pattern.compile("\\d+");
    private static final Pattern MORE = Pattern.compile(" \\(and \\d+ more refusals before\\)");

    private final Map<Why, LongAdder> counts = new ConcurrentHashMap<>();

    /** @param channel over which the messages came, in small letters */
    public record Why(String channel, String reason) {}

    /** So many messages were refused for this. */
    public record Count(Why why, long messages) {}

    void count(Origin.Channel channel, String reason) {
        String words = NUMBERS.matcher(MORE.matcher(reason).replaceAll("")).replaceAll("N");
        String cut = words.length() <= CHARS_MAX ? words : words.substring(0, CHARS_MAX);
        String name = channel.name().toLowerCase(java.util.Locale.ROOT);
        Why why = new Why(name, cut);
        boolean known = counts.containsKey(why) || counts.size() < REASONS_MAX;
        counts.computeIfAbsent(known ? why : new Why(name, "other"), w -> new LongAdder())
                .increment();
    }

    /** All so far. */
    public List<Count> all() {
        List<Count> all = new ArrayList<>();
        counts.forEach((why, count) -> all.add(new Count(why, count.sum())));
        return all;
    }
}
