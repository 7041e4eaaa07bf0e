package io.bloodnet.server.cli;

import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What went wrong in one line for the person at the terminal. */
final class Failures {

    private Failures() {}

    /** The first message in the chain of causes that says something; a bug's name where none does. */
    static String sentence(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            String message = message(cause);
            if (message != null && !message.isBlank()) {
                return "bloodnet: " + message.lines().findFirst().orElse("").strip();
            }
        }
        return "bloodnet: " + thrown.getClass().getSimpleName();
    }

    /** Of a file that is not there, the JDK says the name and nothing else; what only wraps another says nothing of its own. */
    private static @Nullable String message(Throwable cause) {
        return switch (cause) {
            case NoSuchFileException missing -> "there is no " + missing.getFile();
            case AccessDeniedException denied -> denied.getFile() + " may not be read or written";
            default -> Objects.equals(cause.getMessage(), String.valueOf(cause.getCause())) ? null : cause.getMessage();
        };
    }
}
