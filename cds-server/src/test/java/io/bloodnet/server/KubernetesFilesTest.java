package io.bloodnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the files in deploy/kubernetes say of each other. */
class KubernetesFilesTest {

    private static final Path FOLDER = Path.of(System.getProperty("bloodnet.root"), "deploy/kubernetes");

    @Test
    void somebody_is_let_in_to_each_port_of_the_server() throws IOException {
        List<String> ports = named(objects("server.yaml", "StatefulSet")
                .getFirst()
                .at("/spec/template/spec/containers/0/ports")
                .findValues("name"));
        List<String> open =
                named(objects("network.yaml", "NetworkPolicy").getFirst().findValues("port"));
        assertThat(open).isNotEmpty().containsExactlyInAnyOrderElementsOf(ports);
    }

    private static List<JsonNode> objects(String file, String kind) throws IOException {
        YAMLMapper yaml = new YAMLMapper();
        try (var all = yaml.readerFor(JsonNode.class)
                .<JsonNode>readValues(FOLDER.resolve(file).toFile())) {
            return all.readAll().stream()
                    .filter(object -> object.path("kind").asText().equals(kind))
                    .toList();
        }
    }

    private static List<String> named(List<JsonNode> values) {
        return values.stream().map(JsonNode::asText).toList();
    }
}
