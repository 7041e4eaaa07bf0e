package io.bloodnet.server.cli;

/** What went wrong in one line for the person at the terminal. */
final class Failures {

    private Failures() {}

    /** The first message in the chain of causes that says something; a bug's name where none does. */
    static String sentence(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage();
            if (message != null && !message.isBlank()) {
                return "bloodnet: " + message.lines().findFirst().orElse("").strip();
            }
        }
        return "bloodnet: " + thrown.getClass().getSimpleName();
    }
}
