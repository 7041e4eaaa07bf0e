package io.bloodnet.server.security;

import java.util.regex.Pattern;

/** Whether a configured host is this machine, told from its text alone: no name is resolved. */
public final class Loopback {

    private static final Pattern IPV4 = Pattern.compile("127(\\.(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}");

    private Loopback() {}

    /** True for {@code localhost}, 127.0.0.0/8 in four decimal parts, and {@code ::1} with or without brackets. */
    public static boolean isLoopback(String host) {
        return host.equalsIgnoreCase("localhost")
                || host.equals("::1")
                || host.equals("[::1]")
                || IPV4.matcher(host).matches();
    }
}
