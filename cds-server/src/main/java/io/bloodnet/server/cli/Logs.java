package io.bloodnet.server.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/** One line per event on stderr, so that stdout stays for results. A site's own java.util.logging file wins. */
public final class Logs {

    private static final String DEFAULTS = """
            handlers=java.util.logging.ConsoleHandler
            .level=WARNING
            io.bloodnet.level=INFO
            java.util.logging.ConsoleHandler.level=INFO
            java.util.logging.SimpleFormatter.format=%1$tFT%1$tT.%1$tL %4$s %3$s %5$s%6$s%n
            """;

    private Logs() {}

    static void configure() {
        if (System.getProperty("java.util.logging.config.file") == null) {
            read(DEFAULTS);
            for (Handler handler : Logger.getLogger("").getHandlers()) {
                handler.setFilter(new Repeats(InstantSource.system()));
            }
        }
    }

    /** Only what went wrong: for commands whose output a script reads. */
    public static void quiet() {
        if (System.getProperty("java.util.logging.config.file") == null) {
            read(DEFAULTS.replace("io.bloodnet.level=INFO", "io.bloodnet.level=SEVERE")
                    .replace(".level=WARNING", ".level=SEVERE"));
        }
    }

    private static void read(String text) {
        try {
            LogManager.getLogManager()
                    .readConfiguration(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot fail to be read", e);
        }
    }
}
