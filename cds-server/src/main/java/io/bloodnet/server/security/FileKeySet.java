package io.bloodnet.server.security;

import io.bloodnet.fhir.FhirJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A JWK set on disk. */
record FileKeySet(Path file) implements KeySetSource {

    @Override
    public String read() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new IOException("the key set is larger than " + BYTES_MAX + " bytes");
            }
            return new String(FhirJson.withoutMark(bytes), StandardCharsets.UTF_8);
        }
    }
}
