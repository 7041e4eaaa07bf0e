package io.bloodnet.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/configuration.md says neither more nor less than the server reads, and its example starts. */
class ConfigurationPageTest {

    private static final Path PAGE = Path.of(System.getProperty("bloodnet.root"), "docs", "configuration.md");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern NAME = Pattern.compile("\\.?[a-z0-9]+(?:[-.][a-z0-9]+)*");
    private static final Pattern EXAMPLE = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL);

    @Test
    void every_key_is_on_the_page_and_every_key_of_the_page_is_read() throws IOException {
        Map<String, String> rows = rows(Files.readString(PAGE));
        Set<String> sections = new TreeSet<>();
        Set<String> keys = new TreeSet<>();
        collect(ServerConfig.class, "", sections, keys);

        Set<String> silent = new TreeSet<>(keys);
        silent.removeIf(key -> documented(key, rows));
        assertThat(silent).as("keys that the page does not name").isEmpty();

        Set<String> invented = new TreeSet<>(rows.keySet());
        invented.removeIf(key -> keys.contains(key) || sections.contains(key));
        assertThat(invented)
                .as("keys of the page that the server does not read")
                .isEmpty();
    }

    @Test
    void the_example_of_the_page_is_a_configuration() throws IOException {
        Matcher example = EXAMPLE.matcher(Files.readString(PAGE));
        assertThat(example.find()).isTrue();
        ServerConfig config = ConfigFile.parse(example.group(1));
        assertThat(config.database().url()).startsWith("jdbc:postgresql:");
        assertThat(config.ehr().oauth()).isNotNull();
        assertThat(config.signIn()).isNotNull();
        assertThat(config.pacs().auth()).isNotNull();
    }

    /** A row of its own, or its name in the row of a section that holds it; "as above" points to a section that is spelt out. */
    private static boolean documented(String key, Map<String, String> rows) {
        if (rows.containsKey(key)) {
            return true;
        }
        String name = "`" + key.substring(key.lastIndexOf('.') + 1) + "`";
        for (int dot = key.lastIndexOf('.'); dot > 0; dot = key.lastIndexOf('.', dot - 1)) {
            String row = rows.getOrDefault(key.substring(0, dot), "");
            if (row.contains(name) || row.contains("as above")) {
                return true;
            }
        }
        return false;
    }

    /** Keys in the first cell of each table row; {@code .name} stands beside the key before it. */
    private static Map<String, String> rows(String page) {
        Map<String, String> rows = new LinkedHashMap<>();
        for (String line : page.split("\\n")) {
            String[] cells = line.split("(?<!\\\\)\\|");
            if (cells.length < 3) {
                continue;
            }
            String last = "";
            Matcher code = CODE.matcher(cells[1]);
            while (code.find()) {
                if (!NAME.matcher(code.group(1)).matches()) {
                    continue;
                }
                String key = code.group(1).startsWith(".")
                        ? last.substring(0, last.lastIndexOf('.')) + code.group(1)
                        : code.group(1);
                rows.merge(key, line, String::concat);
                last = key;
            }
        }
        return rows;
    }

    private static void collect(Class<?> type, String prefix, Set<String> sections, Set<String> keys) {
        for (RecordComponent component : type.getRecordComponents()) {
            JsonProperty name = component.getAccessor().getAnnotation(JsonProperty.class);
            if (name == null) {
                name = component.getAnnotation(JsonProperty.class);
            }
            String key = prefix + (name == null ? component.getName() : name.value());
            if (component.getType().isRecord()) {
                sections.add(key);
                collect(component.getType(), key + ".", sections, keys);
            } else {
                keys.add(key);
            }
        }
    }
}
