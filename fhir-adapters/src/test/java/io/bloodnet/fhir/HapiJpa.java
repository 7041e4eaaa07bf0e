package io.bloodnet.fhir;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A real HAPI FHIR JPA server in a JVM of its own, as {@code deploy/hapi-jpa} builds it. Its tests are skipped where that was not built. */
final class HapiJpa implements AutoCloseable {

    /** File with the class path of the server; the Maven profile hapi-jpa names it. */
    private static final String CLASS_PATH_FILE = "bloodnet.hapi-jpa.classpath";

    private static final long START_MAX_S = 600;

    private final Process process;
    private final URI base;

    private HapiJpa(Process process, URI base) {
        this.process = process;
        this.base = base;
    }

    /** Starts it and waits until it can be asked. */
    static HapiJpa start() throws Exception {
        String file = System.getProperty(CLASS_PATH_FILE, "");
        Assumptions.assumeTrue(
                !file.isEmpty() && Files.exists(Path.of(file)), "no HAPI JPA server was built: run with -Phapi-jpa");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1200m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "io.bloodnet.hapijpa.JpaServer");
        String libraries = Files.readString(Path.of(file)).strip();
        String ours = Path.of(file).resolveSibling("classes").toString();
        builder.environment().put("CLASSPATH", ours + File.pathSeparator + libraries);
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        Process process = builder.start();
        try {
            return new HapiJpa(
                    process,
                    CompletableFuture.supplyAsync(() -> address(process)).get(START_MAX_S, TimeUnit.SECONDS));
        } catch (Exception e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static URI address(Process process) {
        var reader = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        try {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.startsWith("FHIR ")) {
                    return URI.create(line.substring("FHIR ".length()));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("the HAPI JPA server's output broke off", e);
        }
        throw new IllegalStateException("the HAPI JPA server ended before it could be asked");
    }

    URI base() {
        return base;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (process.waitFor(20, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
