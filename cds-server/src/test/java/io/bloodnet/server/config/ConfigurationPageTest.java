package io.bloodnet.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * docs/configuration.md says what the sections' records say, neither more nor less, and its example starts. {@code -Dbloodnet.docs=write}
 * writes its tables anew.
 */
class ConfigurationPageTest {

    private static final Path PAGE = Path.of(System.getProperty("bloodnet.root"), "docs", "configuration.md");
    private static final Pattern TABLE = Pattern.compile("<!-- keys: (\\S+) -->\\n(.*?)<!-- end -->", Pattern.DOTALL);
    private static final Pattern FIRST_TABLE =
            Pattern.compile("## Keys that every site sets\\n(.*?)\\n## ", Pattern.DOTALL);
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern EXAMPLE = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL);
    /** The same form in several sections, and shown once. */
    private static final Map<Class<?>, String> SHARED =
            Map.of(TlsKeys.class, "tls", AuthKeys.class, "auth", AuthKeys.OAuth.class, "auth.oauth");

    @Test
    void the_tables_are_what_the_records_say() throws IOException {
        String page = Files.readString(PAGE);
        List<String> shown = new ArrayList<>();
        String fresh = TABLE.matcher(page).replaceAll(found -> {
            shown.add(found.group(1));
            List<Key> keys = ServerConfig.keys().getOrDefault(found.group(1), List.of());
            return Matcher.quoteReplacement("<!-- keys: " + found.group(1) + " -->\n" + table(keys) + "<!-- end -->");
        });
        assertThat(shown).containsExactlyElementsOf(ServerConfig.keys().keySet());
        if ("write".equals(System.getProperty("bloodnet.docs"))) {
            Files.writeString(PAGE, fresh);
            return;
        }
        assertThat(page).isEqualTo(fresh);
    }

    @Test
    void every_key_that_is_read_is_described_and_every_described_key_is_read() {
        List<String> read = new ArrayList<>();
        collect(ServerConfig.class, "", read);
        SHARED.forEach((type, prefix) -> collect(type, prefix + ".", read));
        assertThat(ServerConfig.keys().values().stream().flatMap(List::stream).map(Key::name))
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(Set.copyOf(read));
    }

    @Test
    void what_every_site_sets_are_keys() throws IOException {
        Matcher first = FIRST_TABLE.matcher(Files.readString(PAGE));
        assertThat(first.find()).isTrue();
        List<String> known = new ArrayList<>();
        collect(ServerConfig.class, "", known);
        List<String> named = new ArrayList<>();
        for (String line :
                first.group(1).lines().filter(each -> each.startsWith("| `")).toList()) {
            Matcher code = CODE.matcher(line.split("\\|")[1]);
            while (code.find()) {
                String last = named.isEmpty() ? "" : named.getLast();
                named.add(
                        code.group(1).startsWith(".")
                                ? last.substring(0, last.lastIndexOf('.')) + code.group(1)
                                : code.group(1));
            }
        }
        assertThat(named).isNotEmpty();
        assertThat(known).containsAll(named);
    }

    @Test
    void the_example_of_the_page_is_a_configuration() throws IOException {
        Matcher example = EXAMPLE.matcher(Files.readString(PAGE));
        assertThat(example.find()).isTrue();
        ServerConfig config = ConfigFile.parse(example.group(1));
        assertThat(config.database().url()).startsWith("jdbc:postgresql:");
        assertThat(config.ehr().auth()).isNotNull();
        assertThat(config.signIn()).isNotNull();
        assertThat(config.pacs().auth()).isNotNull();
    }

    private static String table(List<Key> keys) {
        StringBuilder table = new StringBuilder("| key | default | range, unit | meaning |\n|---|---|---|---|\n");
        keys.forEach(key ->
                table.append("| `%s` | %s | %s | %s |%n".formatted(key.name(), key.usual(), key.range(), key.says())));
        return table.toString();
    }

    /** A shared form counts as one key where it is used. */
    private static void collect(Class<?> type, String prefix, List<String> keys) {
        for (RecordComponent component : type.getRecordComponents()) {
            JsonProperty name = component.getAccessor().getAnnotation(JsonProperty.class);
            String key = prefix + (name == null ? component.getName() : name.value());
            boolean sharedWithin = SHARED.containsKey(component.getType()) && !SHARED.containsKey(type);
            if (component.getType().isRecord() && !sharedWithin) {
                collect(component.getType(), key + ".", keys);
            } else {
                keys.add(key);
            }
        }
    }
}
