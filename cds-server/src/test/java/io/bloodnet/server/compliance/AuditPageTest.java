package io.bloodnet.server.compliance;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Outcome;
import io.bloodnet.audit.store.Ledger;
import io.bloodnet.audit.store.LedgerSettings;
import io.bloodnet.server.browser.Chromium;
import io.bloodnet.server.http.Pages;
import io.bloodnet.server.signin.SignInRoutes;
import io.bloodnet.server.store.Database;
import io.helidon.webserver.WebServer;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The compliance page in a real browser, over a real log. */
class AuditPageTest {

    private static final String JOB = "0190c3a0-0000-7000-8000-000000000001";

    @TempDir
    Path folder;

    @Test
    void every_column_of_a_found_event_is_filled() {
        try (Chromium chromium = new Chromium();
                Database database = Database.open("jdbc:h2:file:" + folder.resolve("db"), "sa", null);
                Ledger ledger = Ledger.open(
                        database.dataSource(),
                        LedgerSettings.of("here:8080", folder.resolve("key.pem")),
                        InstantSource.system())) {
            ledger.record(new AuditEvent.JobStateChanged(
                    Instant.parse("2026-11-29T03:04:05Z"),
                    About.job(JOB).withUser("dr.who").withStudyUid("1.2.3"),
                    Outcome.MINOR_FAILURE,
                    "ANALYZING",
                    "FAILED",
                    "<b>it broke</b>"));
            ledger.flush();
            WebServer server = WebServer.builder()
                    .address(InetAddress.getLoopbackAddress())
                    .port(0)
                    .routing(routing -> routing.register(
                                    "/api/audit",
                                    new AuditRoutes(ledger, database.dataSource(), null, InstantSource.system()))
                            .register(new SignInRoutes(null))
                            .register("/", Pages.withOwn(Map.of(), Map.of())))
                    .build()
                    .start();
            try {
                Page page = chromium.page();
                page.navigate("http://127.0.0.1:" + server.port() + "/audit");
                page.getByLabel("Job").fill(JOB);
                page.getByText("Search", new Page.GetByTextOptions().setExact(true))
                        .click();

                assertThat(page.locator("#events tr")).hasCount(1);
                assertThat(page.locator("#events tr").first().locator("td").allTextContents())
                        .containsExactly(
                                "0",
                                "2026-11-29T03:04:05Z",
                                "JobStateChanged",
                                "MINOR_FAILURE",
                                "dr.who",
                                JOB.substring(0, 8),
                                "studyUid: 1.2.3, from: ANALYZING, to: FAILED, reason: <b>it broke</b>");
                assertThat(chromium.errors()).isEmpty();
            } finally {
                server.stop();
            }
        }
    }
}
