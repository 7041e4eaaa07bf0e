package io.bloodnet.server.cdshooks;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.server.cdshooks.card.PatientFinding;
import io.bloodnet.server.cdshooks.memory.FakeCardStore;
import io.bloodnet.server.cdshooks.request.EhrPatient;
import io.bloodnet.server.http.BodyBudget;
import io.bloodnet.server.http.Pages;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The pretend chart in a real browser. {@code -Dbloodnet.screenshot=FILE.png} writes the picture for the docs.
 */
class DemoChartTest {

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final @Nullable String SCREENSHOT = System.getProperty("bloodnet.screenshot");
    private static final String MODEL = SCREENSHOT == null ? "bloodnet <img src=x onerror=alert(1)>" : "bloodnet";

    private static final String PATIENTS = """
            [{"id":"pat-1","name":"Ada Example","mrn":"MRN0001","accession":"A1001"},
             {"id":"pat-2","name":"Ben Sample","mrn":"MRN0002","accession":"A1002"}]""";

    private final RecordingAuditLog audit = new RecordingAuditLog();
    private final List<String> browserErrors = new ArrayList<>();
    private WebServer server;
    private CdsHooksService service;
    private Playwright playwright;
    private Page page;

    @BeforeEach
    void open_the_chart() {
        assumeTrue(Files.isExecutable(CHROMIUM), CHROMIUM + " is absent: the page is not driven in a browser");
        InstantSource clock = InstantSource.system();
        CdsHooksConfig config = CdsHooksConfig.of(URI.create("http://127.0.0.1:8080"));
        FakeCardStore store = new FakeCardStore(audit, clock);
        CdsMetrics metrics = new CdsMetrics();
        FlagWatch watch = new FlagWatch(begin -> new FlagReads.Reads(0, 0), config.clinical(), metrics, clock);
        Callers callers = new Callers(config, audit, metrics, clock);
        HookCall calls = new HookCall(config, this::findings, watch, store, callers, metrics, clock);
        service = new CdsHooksService(
                config, calls, metrics, new TimeBudget(Duration.ofSeconds(30), 64), new BodyBudget(64 << 20));
        Pages chart = new Pages(
                Map.of("/demo/ehr", "demo/ehr.html", "/demo/ehr.js", "demo/ehr.js", "/demo/ehr.css", "demo/ehr.css"),
                Map.of("/demo/patients.json", PATIENTS));
        server = WebServer.builder()
                .address(InetAddress.getLoopbackAddress())
                .port(0)
                .routing(r -> r.register(CdsHooksService.PATH, service)
                        .register("/", chart)
                        .get(
                                "/api/worklist",
                                (req, res) -> res.header(HeaderNames.CONTENT_TYPE, "application/json")
                                        .send(
                                                "{\"items\":[{\"jobId\":\"job-1\",\"accessionNumber\":\"A1001\",\"state\":\"REPORTED_POSITIVE\"},"
                                                        + "{\"jobId\":\"job-2\",\"accessionNumber\":\"A1002\",\"state\":\"REPORTED_NEGATIVE\"}],"
                                                        + "\"counts\":{}}")))
                .build()
                .start();
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(CHROMIUM)
                        .setArgs(List.of("--no-sandbox")));
        page = browser.newPage(new Browser.NewPageOptions().setViewportSize(1200, 900));
        page.setDefaultTimeout(60_000);
        com.microsoft.playwright.assertions.PlaywrightAssertions.setDefaultAssertionTimeout(60_000);
        page.onConsoleMessage(m -> {
            if (m.type().equals("error")) {
                browserErrors.add(m.text());
            }
        });
        page.onPageError(browserErrors::add);
        page.onDialog(dialog -> browserErrors.add("dialog: " + dialog.message()));
        page.navigate("http://127.0.0.1:" + server.port() + "/demo/ehr");
    }

    @AfterEach
    void close() {
        if (playwright != null) {
            playwright.close();
        }
        if (server != null) {
            server.stop();
            service.close();
        }
    }

    private List<PatientFinding> findings(EhrPatient patient) {
        Instant acquired = Instant.now().minus(Duration.ofMinutes(20));
        boolean positive = patient.identifiers().getFirst().value().equals("MRN0001");
        PatientFinding.Result result =
                positive ? new PatientFinding.Positive(0.97, 0.5, 23.4) : new PatientFinding.Negative();
        return List.of(new PatientFinding(
                positive ? "job-1" : "job-2", result, MODEL, "1.0.0", acquired, acquired.plusSeconds(240), null, true));
    }

    @Test
    void shows_cards_takes_feedback_and_stops_an_order() {
        Locator patients = page.locator("#patients button");
        assertThat(patients).hasCount(2);
        assertThat(patients.first()).containsText("reported positive");

        patients.first().click();
        Locator card = page.locator(".card");
        assertThat(card).hasCount(1);
        assertThat(card).hasClass(java.util.regex.Pattern.compile("critical"));
        assertThat(card).containsText("AI suspects intracranial hemorrhage");
        assertThat(card).containsText("about 23.4 mL");
        assertThat(card).containsText(MODEL); // as text
        assertThat(page.locator(".card img")).hasCount(0);
        screenshot();

        page.selectOption("#drug", "1364430");
        page.click("text=Sign order");
        assertThat(page.locator(".card h4")).containsText("Order of apixaban");
        page.click("text=Delete the draft order of apixaban");
        assertThat(page.locator(".done")).containsText("Accepted");
        assertThat(page.locator("#order-note")).containsText("deleted");

        page.selectOption("#drug", "161");
        page.click("text=Sign order");
        assertThat(page.locator("#order-note")).containsText("acetaminophen is signed");
        assertThat(page.locator(".card")).hasCount(0);

        patients.first().click();
        page.selectOption("select[aria-label='Reason for overriding']", "expert-contradicts");
        page.click("text=Override");
        assertThat(page.locator(".done")).containsText("Overridden");
        patients.first().click();
        assertThat(page.locator("#call")).containsText("patient-view: 0 cards");

        patients.last().click();
        assertThat(page.locator("#cards")).containsText("No cards");
        org.assertj.core.api.Assertions.assertThat(audit.events(AuditEvent.CardFeedback.class))
                .extracting(AuditEvent.CardFeedback::feedback)
                .containsExactly("accepted", "overridden");
        org.assertj.core.api.Assertions.assertThat(browserErrors).isEmpty();
    }

    private void screenshot() {
        if (SCREENSHOT != null) {
            page.setViewportSize(840, 640); // keeps the picture small
            page.locator("#patients button").first().click(); // again, now that the server is warm
            assertThat(page.locator("#call")).containsText("patient-view: 1 card");
            page.screenshot(new Page.ScreenshotOptions().setPath(Path.of(SCREENSHOT)));
        }
    }
}
