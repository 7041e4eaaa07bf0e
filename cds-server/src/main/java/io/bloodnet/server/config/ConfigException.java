package io.bloodnet.server.config;

/** A setting that cannot be used; the message names the key and the permitted range, for the person who starts the server. */
public final class ConfigException extends RuntimeException {

    /** @param message names the key, and holds no secret */
    public ConfigException(String message) {
        super(message);
    }
}
