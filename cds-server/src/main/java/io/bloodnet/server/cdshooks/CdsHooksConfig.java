package io.bloodnet.server.cdshooks;

import io.bloodnet.server.cdshooks.card.ReversalText;
import io.bloodnet.server.security.Loopback;
import io.bloodnet.server.security.TrustedClient;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How CDS Hooks is served.
 *
 * @param baseUrl where clients reach us, without a path's final slash; a token's {@code aud} is compared with URLs below it
 * @param clients who may call; empty: anybody may, which is allowed on loopback only
 * @param allowedOrigins browser origins that may call us, such as {@code https://ehr.example}; compared exactly
 * @param operation switches and limits
 * @param clinical when cards are shown and what they say
 * @param links where cards lead to
 */
public record CdsHooksConfig(
        URI baseUrl,
        List<TrustedClient> clients,
        List<String> allowedOrigins,
        Operation operation,
        Clinical clinical,
        Links links) {

    /** @throws IllegalArgumentException naming the key and the rule */
    public CdsHooksConfig {
        clients = List.copyOf(clients);
        allowedOrigins = List.copyOf(allowedOrigins);
        if (!isHttp(baseUrl) || baseUrl.toString().endsWith("/") || baseUrl.getQuery() != null) {
            throw new IllegalArgumentException(
                    "cds-hooks.base-url must be an http or https URL without query and final slash");
        }
        for (String origin : allowedOrigins) {
            if (!isOrigin(origin)) {
                throw new IllegalArgumentException(
                        "cds-hooks.allowed-origins: each must be scheme://host[:port], no *");
            }
        }
    }

    /** Everything by default, without clients: for a server on loopback. */
    public static CdsHooksConfig of(URI baseUrl) {
        return new CdsHooksConfig(
                baseUrl, List.of(), List.of(), Operation.defaults(), Clinical.defaults(), Links.under(baseUrl));
    }

    /** These clients instead. */
    public CdsHooksConfig withClients(List<TrustedClient> value) {
        return new CdsHooksConfig(baseUrl, value, allowedOrigins, operation, clinical, links);
    }

    /** These origins instead. */
    public CdsHooksConfig withAllowedOrigins(List<String> value) {
        return new CdsHooksConfig(baseUrl, clients, value, operation, clinical, links);
    }

    /** These switches and limits instead. */
    public CdsHooksConfig withOperation(Operation value) {
        return new CdsHooksConfig(baseUrl, clients, allowedOrigins, value, clinical, links);
    }

    /** These rules instead. */
    public CdsHooksConfig withClinical(Clinical value) {
        return new CdsHooksConfig(baseUrl, clients, allowedOrigins, operation, value, links);
    }

    /** These links instead. */
    public CdsHooksConfig withLinks(Links value) {
        return new CdsHooksConfig(baseUrl, clients, allowedOrigins, operation, clinical, value);
    }

    /**
     * Refuses to serve strangers on a network.
     *
     * @throws IllegalArgumentException when no client is configured and the server listens beyond loopback
     */
    public void requireClientsUnlessLoopback(String listenHost) {
        if (clients.isEmpty() && !Loopback.isLoopback(listenHost)) {
            throw new IllegalArgumentException(
                    "cds-hooks.clients is empty, so no JWT would be asked: http.host must be a loopback address then");
        }
    }

    /** Whether cards reach the EHR. */
    public enum Mode {
        /** Cards are shown. */
        ON,
        /** Everything is done, recorded and counted, and the EHR gets no card: for a roll-out. */
        SILENT,
        /** Nothing is looked up, the EHR gets no card. */
        OFF
    }

    /**
     * Switches and limits.
     *
     * @param mode whether cards reach the EHR
     * @param killSwitchFile while this file exists the mode is {@link Mode#OFF}, looked at once a second; null for none
     * @param answerWithin time from the complete request to the answer, 50 to 450 ms; what is later is answered by no cards
     * @param callsAtOnceMax calls in work at one time, 1 to 1024; further ones wait shortly and then get no cards
     */
    public record Operation(Mode mode, @Nullable Path killSwitchFile, Duration answerWithin, int callsAtOnceMax) {
        /** @throws IllegalArgumentException naming the key and the range */
        public Operation {
            if (answerWithin.toMillis() < 50 || answerWithin.toMillis() > 450) {
                throw new IllegalArgumentException("cards must be answered within 50 to 450 ms");
            }
            if (callsAtOnceMax < 1 || callsAtOnceMax > 1024) {
                throw new IllegalArgumentException("calls in work at one time must be 1 to 1024");
            }
        }

        /** On, no kill switch, 400 ms, 64 calls. */
        public static Operation defaults() {
            return new Operation(Mode.ON, null, Duration.ofMillis(400), 64);
        }

        /** Another mode. */
        public Operation withMode(Mode value) {
            return new Operation(value, killSwitchFile, answerWithin, callsAtOnceMax);
        }
    }

    /**
     * When cards are shown and what they say. Ages count from the time the images were made.
     *
     * @param criticalFor age up to which an unread positive finding is critical
     * @param warningFor age up to which it is a warning, and up to which orders are watched
     * @param infoFor age up to which it is still mentioned
     * @param silentAfterFeedback how long a person is not shown a card again after feedback on it
     * @param jurisdiction where the site is, such as {@code US}; null: no reversal text is shown
     * @param reversalTexts what the site says about reversal; empty by default
     * @param ppvFloor positive predictive value, 0 to 1, below which no flag is critical; null: flags stay as loud as they are
     */
    public record Clinical(
            Duration criticalFor,
            Duration warningFor,
            Duration infoFor,
            Duration silentAfterFeedback,
            @Nullable String jurisdiction,
            List<ReversalText> reversalTexts,
            @Nullable Double ppvFloor) {
        /** @throws IllegalArgumentException naming the keys that are out of order */
        public Clinical {
            reversalTexts = List.copyOf(reversalTexts);
            if (criticalFor.isNegative()
                    || criticalFor.compareTo(warningFor) > 0
                    || warningFor.compareTo(infoFor) > 0) {
                throw new IllegalArgumentException(
                        "a finding is critical no longer than a warning, and a warning no longer than mentioned");
            }
            if (ppvFloor != null && !(ppvFloor >= 0 && ppvFloor <= 1)) {
                throw new IllegalArgumentException("cds-hooks.ppv-floor must be 0 to 1");
            }
            if (silentAfterFeedback.isNegative() || silentAfterFeedback.compareTo(Duration.ofDays(7)) > 0) {
                throw new IllegalArgumentException("the silence after feedback must be 0 to 7 days");
            }
        }

        /** 24 h, 72 h, 7 days, 24 h, no reversal text. */
        public static Clinical defaults() {
            return new Clinical(
                    Duration.ofHours(24),
                    Duration.ofHours(72),
                    Duration.ofDays(7),
                    Duration.ofHours(24),
                    null,
                    List.of(),
                    null);
        }
    }

    /**
     * Where cards lead to.
     *
     * @param study the page of a study, {@code {jobId}} stands for the job
     * @param modelCard the model card
     * @param smartLaunch launch URL of a SMART viewer that shows the mask; null for none
     */
    public record Links(
            String study, String modelCard, @Nullable URI smartLaunch) {

        /** @throws IllegalArgumentException when the study's URL names no job, or the launch URL brings its own launch parameters */
        public Links {
            if (!study.contains("{jobId}")) {
                throw new IllegalArgumentException("the address of a study's page must contain {jobId}");
            }
            if (smartLaunch != null && (!isHttp(smartLaunch) || smartLaunch.getQuery() != null)) {
                throw new IllegalArgumentException("cds-hooks.smart-launch-url must be http(s) without query");
            }
        }

        /** The pages of this server. */
        public static Links under(URI baseUrl) {
            return new Links(baseUrl + "/?job={jobId}", baseUrl + "/model-card", null);
        }
    }

    private static boolean isHttp(URI url) {
        return url.getHost() != null && ("https".equals(url.getScheme()) || "http".equals(url.getScheme()));
    }

    private static boolean isOrigin(String origin) {
        try {
            URI url = URI.create(origin);
            return isHttp(url)
                    && url.getRawAuthority().equals(url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort()))
                    && origin.equals(url.getScheme() + "://" + url.getRawAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
