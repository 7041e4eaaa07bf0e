package io.bloodnet.server;

import io.bloodnet.server.config.Closing;
import io.bloodnet.server.config.ConfigException;
import io.bloodnet.server.config.HttpKeys;
import io.bloodnet.server.http.BodyTime;
import io.bloodnet.server.http.CloseWhenAsked;
import io.bloodnet.server.http.HeadTime;
import io.bloodnet.server.http.Metrics;
import io.bloodnet.server.http.ServerCertificate;
import io.bloodnet.server.signin.Door;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Starts the web server: its address, its certificate, and what every request passes before the routes. */
final class WebListener {

    private WebListener() {}

    /**
     * Starts it; {@code closing} stops it.
     *
     * @param door decides who comes in
     * @return the port on which it listens
     * @throws ConfigException when the certificate cannot be used
     */
    static int start(
            HttpKeys http,
            Door door,
            Metrics metrics,
            Chores chores,
            Closing closing,
            Consumer<HttpRouting.Builder> routes) {
        ServerCertificate certificate = certificate(http);
        HeadTime headTime = closing.add("head time", new HeadTime(HeadTime.USUAL, HeadTime.IDLE));
        WebServerConfig.Builder builder = headTime.on(WebServer.builder());
        if (certificate != null) {
            builder.tls(certificate.tls());
        }
        WebServer web = builder.host(http.host())
                .port(http.port())
                .shutdownHook(false)
                .shutdownGracePeriod(Duration.ofSeconds(5))
                .routing(routing -> {
                    routing.addFilter(new CloseWhenAsked());
                    routing.addFilter(new BodyTime(BodyTime.USUAL));
                    routing.addFilter(door);
                    routes.accept(routing);
                })
                .build()
                .start();
        closing.add("web server", web::stop);
        if (certificate != null) {
            metrics.gauge(
                    "bloodnet_certificate_expiry_timestamp_seconds",
                    "when our certificate of http.tls ends, in seconds since 1970",
                    () -> certificate.notAfter().getEpochSecond());
            chores.every("look for a new certificate", Duration.ofSeconds(30), () -> certificate.renew(web));
        }
        return web.port();
    }

    private static @Nullable ServerCertificate certificate(HttpKeys http) {
        if (http.tls() == null) {
            return null;
        }
        try {
            return new ServerCertificate(http.tls());
        } catch (ServerCertificate.BadCertificateException e) {
            throw new ConfigException(e.sentence());
        }
    }
}
