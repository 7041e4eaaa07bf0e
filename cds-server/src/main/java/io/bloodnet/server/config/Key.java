package io.bloodnet.server.config;

import io.bloodnet.imaging.peer.SecretFile;
import io.bloodnet.imaging.peer.SecretFile.UnusableSecretException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One key of the configuration: its name, its default, its range and unit, and one sentence that says what it is for. They stand here and
 * nowhere else; docs/configuration.md is written from them. Every check throws {@link ConfigException} with the key's name. Immutable.
 */
public sealed interface Key {

    /** The whole name, such as {@code http.port}. */
    String name();

    /** What counts where the key is absent, as the page shows it. */
    String usual();

    /** Range and unit, as the page shows them; empty where there are none. */
    String range();

    /** One sentence without a full stop, in Markdown. */
    String says();

    /** A whole number. @param value the default @param unit such as {@code seconds}; empty for a count */
    record Int(String name, int value, int min, int max, String unit, String says) implements Key {
        /** The value as configured, or the default. */
        int or(@Nullable Integer configured) {
            int number = configured == null ? value : configured;
            if (number < min || number > max) {
                throw new ConfigException(name + " " + number + " is not in " + min + ".." + max);
            }
            return number;
        }

        @Override
        public String usual() {
            return String.valueOf(value);
        }

        @Override
        public String range() {
            return min + ".." + max + (unit.isEmpty() ? "" : " " + unit);
        }
    }

    /** A number from 0 to 1 that may be absent. @param usual what its absence means */
    record Share(String name, String usual, String says) implements Key {
        /** The value as configured. */
        @Nullable
        Double in(@Nullable Double configured) {
            if (configured != null && !(configured >= 0 && configured <= 1)) {
                throw new ConfigException(name + " must be 0 to 1, not " + configured);
            }
            return configured;
        }

        @Override
        public String range() {
            return "0..1";
        }
    }

    /** A text. */
    record Text(String name, String usual, String says) implements Key {
        /** The value as configured, or the default where it is absent or blank. */
        String or(@Nullable String configured) {
            return configured == null || configured.isBlank() ? usual : configured;
        }

        @Override
        public String range() {
            return "";
        }
    }

    /** Yes or no. */
    record Switch(String name, boolean value, String says) implements Key {
        /** The value as configured, or the default. */
        boolean or(@Nullable Boolean configured) {
            return configured == null ? value : configured;
        }

        @Override
        public String usual() {
            return String.valueOf(value);
        }

        @Override
        public String range() {
            return "";
        }
    }

    /** One of a few words. @param words the default first */
    record Choice(String name, List<String> words, String says) implements Key {
        /** Copies the words. */
        public Choice {
            words = List.copyOf(words);
        }

        /** The value as configured, or the default. */
        String or(@Nullable String configured) {
            String word = configured == null || configured.isBlank() ? usual() : configured;
            if (!words.contains(word)) {
                throw new ConfigException(name + " must be " + String.join(", ", words.subList(0, words.size() - 1))
                        + " or " + words.getLast());
            }
            return word;
        }

        @Override
        public String usual() {
            return words.getFirst();
        }

        @Override
        public String range() {
            return String.join(", ", words);
        }
    }

    /** A file with a secret, read as {@link SecretFile} says; without a default. */
    record Secret(String name, String says) implements Key {
        /** The secret; null where no file is named. */
        @Nullable
        String read(@Nullable String file) {
            try {
                return file == null ? null : SecretFile.read(Path.of(file));
            } catch (UnusableSecretException e) {
                throw new ConfigException(name + " " + file + ": " + e.getMessage());
            }
        }

        /** The same, and it may be empty. */
        @Nullable
        String password(@Nullable String file) {
            try {
                return file == null ? null : SecretFile.password(Path.of(file));
            } catch (UnusableSecretException e) {
                throw new ConfigException(name + " " + file + ": " + e.getMessage());
            }
        }

        @Override
        public String usual() {
            return "none";
        }

        @Override
        public String range() {
            return "file";
        }
    }

    /** What has a form of its own, such as a list or an address; its section checks it. */
    record Other(String name, String usual, String range, String says) implements Key {}

    /** An address that the server calls or is called under. @throws ConfigException when it is none */
    static URI url(String key, String value) {
        try {
            URI url = new URI(value);
            boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            if (!http || url.getHost() == null || url.getUserInfo() != null) {
                throw new ConfigException(key + " must be an http or https URL without user and password");
            }
            return url;
        } catch (URISyntaxException e) {
            throw new ConfigException(key + " is not a URL");
        }
    }

    /** The value. @throws ConfigException when it is absent or blank */
    static String required(String key, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw new ConfigException(key + " is missing");
        }
        return value;
    }
}
