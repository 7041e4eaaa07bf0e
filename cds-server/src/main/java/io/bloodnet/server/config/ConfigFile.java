package io.bloodnet.server.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** Reads the YAML file. What it does not know it refuses: a misspelt key must not silently mean the default. */
public final class ConfigFile {

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    private static final long SIZE_MAX = 1 << 20;

    private ConfigFile() {}

    /** The configuration in the file. @throws ConfigException in words for the person who starts the server */
    public static ServerConfig read(Path file) {
        try {
            if (Files.size(file) > SIZE_MAX) {
                throw new ConfigException("the configuration file has more than " + SIZE_MAX + " bytes: " + file);
            }
            return parse(Files.readString(file));
        } catch (IOException e) {
            throw new ConfigException("the configuration file cannot be read: " + file);
        }
    }

    /** The configuration in the text; an empty one is all defaults. */
    public static ServerConfig parse(String text) {
        try {
            ServerConfig config = YAML.treeToValue(tree(text.isBlank() ? "{}" : text), ServerConfig.class);
            return config == null ? defaults() : config;
        } catch (UnrecognizedPropertyException e) {
            String known = e.getKnownPropertyIds() == null
                    ? ""
                    : "; known here: "
                            + e.getKnownPropertyIds().stream()
                                    .map(String::valueOf)
                                    .sorted()
                                    .collect(Collectors.joining(", "));
            throw new ConfigException("unknown key " + path(e) + known);
        } catch (JsonMappingException e) {
            throw e.getCause() instanceof ConfigException cause
                    ? cause
                    : new ConfigException("the value of " + path(e) + " has the wrong type or is missing");
        } catch (JsonProcessingException e) {
            throw new ConfigException("the configuration cannot be read: " + e.getOriginalMessage());
        }
    }

    private static JsonNode tree(String text) {
        try {
            JsonNode tree = YAML.readTree(text);
            boolean empty = tree.isMissingNode() || tree.isNull();
            if (!tree.isObject() && !empty) {
                throw new ConfigException("the configuration does not consist of keys and values");
            }
            return tree;
        } catch (JsonProcessingException e) {
            throw new ConfigException(
                    "the configuration is not YAML, line " + e.getLocation().getLineNr());
        }
    }

    /** All defaults. */
    public static ServerConfig defaults() {
        return parse("{}");
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : step.getFieldName())
                .collect(Collectors.joining("."));
    }
}
