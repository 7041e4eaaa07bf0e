package io.bloodnet.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.audit.anchor.Anchor;
import io.bloodnet.audit.ledger.KeyFile;
import io.bloodnet.audit.store.LedgerSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditKeysTest {

    @TempDir
    private Path folder;

    private LedgerSettings settings(String audit) {
        try (Closing closing = new Closing()) {
            return ConfigFile.parse("audit: { " + audit + " }").audit().ledger("node-1", closing);
        }
    }

    @Test
    void by_default_the_file_beside_the_key_is_the_only_anchor_and_any_user_may_write() {
        LedgerSettings settings = settings("key-file: \"" + folder.resolve("made/key.pem") + "\"");
        assertThat(settings.anchors()).extracting(Anchor::name).containsExactly("file key.pem.checkpoint");
        assertThat(settings.requireAppendOnly()).isFalse();
        assertThat(folder.resolve("made")).isDirectory();
    }

    @Test
    void the_named_file_and_every_witness_are_anchors() {
        new KeyFile(folder.resolve("witness.pem")).create();
        LedgerSettings settings = settings("key-file: \"" + folder.resolve("key.pem") + "\", anchor-file: \""
                + folder.resolve("elsewhere") + "\", require-append-only: true, witnesses: [ { name: w, url:"
                + " \"http://127.0.0.1:1\", public-key-file: \"" + folder.resolve("witness.pem.pub") + "\" } ]");
        assertThat(settings.anchors()).extracting(Anchor::name).containsExactly("file elsewhere", "witness w");
        assertThat(settings.requireAppendOnly()).isTrue();
    }

    @Test
    void a_witness_without_a_readable_key_and_a_repository_without_certificates_stop_the_start() {
        String key = "key-file: \"" + folder.resolve("key.pem") + "\"";
        assertThatThrownBy(() -> settings(key + ", witnesses: [ { name: w, url: \"http://127.0.0.1:1\" } ]"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("audit.witnesses");
        assertThatThrownBy(() -> settings(
                        key + ", witnesses: [ { name: w, url: \"http://127.0.0.1:1\", public-key-file: nowhere } ]"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("audit.witnesses.public-key-file");
        assertThatThrownBy(() -> ConfigFile.parse("audit: { syslog: { host: repository.example } }")
                        .audit()
                        .repository())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("audit.syslog needs host and tls");
    }
}
