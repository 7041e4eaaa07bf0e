package io.bloodnet.server.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.bloodnet.sandbox.SandboxHospital;
import io.bloodnet.sandbox.SandboxPorts;
import io.bloodnet.sandbox.cases.HeadContent;
import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.cases.SampleCases;
import io.bloodnet.sandbox.idp.SandboxIdp;
import io.bloodnet.server.Main;
import io.bloodnet.server.RunningServer;
import io.bloodnet.server.config.ConfigFile;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.logging.StreamHandler;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person's night in a real browser, with the whole server, the shipped network and the pretend hospital. */
class NightTest {

    private static final SampleCase BLEED =
            SampleCases.of("night-1", 77, 951, HeadContent.INTRAPARENCHYMAL, SampleCase.Route.HL7_ORM, true);
    private static final SampleCase LOCALIZER =
            SampleCases.of("night-2", 77, 952, HeadContent.LOCALIZER_ONLY, SampleCase.Route.HL7_ORM, false);
    private static final double ANALYZED_WITHIN_MS = 240_000;

    @TempDir
    Path folder;

    @Test
    void a_reader_is_alerted_looks_says_seen_and_disagrees_and_compliance_reads_the_trail() throws Exception {
        ByteArrayOutputStream logged = new ByteArrayOutputStream();
        Handler handler = new StreamHandler(logged, new SimpleFormatter());
        handler.setLevel(Level.ALL);
        try (Chromium chromium = new Chromium();
                SandboxHospital hospital =
                        new SandboxHospital(SandboxPorts.ANY, List.of(BLEED, LOCALIZER), InstantSource.system());
                SandboxIdp idp = new SandboxIdp(0, InstantSource.system())) {
            Logger.getLogger("").addHandler(handler);
            hospital.loadAll();
            try (RunningServer server = Main.start(
                    ConfigFile.parse(config(hospital, idp)),
                    Path.of(System.getProperty("bloodnet.root"), "imaging-inference/model"))) {
                SandboxHospital.ServerAddress address = new SandboxHospital.ServerAddress(
                        new InetSocketAddress("127.0.0.1", server.hl7Port()),
                        URI.create(server.url() + "/fhir/events"));
                Page reader = chromium.page();
                reader.navigate(server.url());
                reader.getByText("Rita Reader").click();
                assertThat(reader.locator("#who")).containsText("Rita Reader (clinician)");
                assertThat(reader.locator("#connection")).containsText("live");
                assertThat(hospital.sendOrder(LOCALIZER, address).accepted()).isTrue();
                assertThat(hospital.sendOrder(BLEED, address).accepted()).isTrue();

                alerted(reader);
                String study = opened(reader);
                looksAround(reader);
                badRequests(reader, study);
                disagrees(reader);
                otherRoles(chromium, server, study);
            }
        } finally {
            handler.flush();
            Logger.getLogger("").removeHandler(handler);
        }
        assertThat(logged.toString(StandardCharsets.UTF_8))
                .doesNotContain(BLEED.patientId(), BLEED.familyName(), BLEED.givenName());
    }

    private static void alerted(Page page) {
        Locator row = page.locator("#person article").filter(new Locator.FilterOptions().setHasText(BLEED.accession()));
        assertThat(row)
                .containsText(
                        "HEMORRHAGE SUSPECTED",
                        new com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions()
                                .setTimeout(ANALYZED_WITHIN_MS));
        assertThat(page.locator("#alert")).containsText("1 suspected hemorrhage that nobody has seen");
        assertThat(page).hasTitle(Pattern.compile("^\\(1\\)"));
        assertThat(row).containsText(BLEED.familyName());
        assertThat(row).containsText(BLEED.patientId());
        assertThat(row).containsText("STAT");
        assertThat(row.locator("img"))
                .hasJSProperty("naturalWidth", row.locator("img").evaluate("i => i.naturalWidth || 1"));
        assertThat(page.locator("#ended")).containsText("NOT ANALYZED");
        page.selectOption("#which", "never");
        assertThat(page.locator("#ended article")).hasCount(1);
        assertThat(page.locator("#person article")).hasCount(0);
        page.selectOption("#which", "all");
        page.fill("#words", BLEED.patientId());
        assertThat(page.locator("#ended article")).hasCount(0);
        page.fill("#words", "");
        assertThat(page.locator("#ended article")).hasCount(1);
        Chromium.assertAccessible(page);
        Chromium.picture(page, "worklist");
        page.setViewportSize(390, 800);
        assertThat(page.evaluate("document.documentElement.scrollWidth <= 390")).isEqualTo(true);
        page.setViewportSize(1280, 900);
    }

    private static String opened(Page page) {
        page.locator("h2").first().click();
        page.keyboard().press("j");
        assertThat(page.locator("article.selected")).containsText("HEMORRHAGE SUSPECTED");
        page.keyboard().press("s");
        assertThat(page.locator("article.selected")).containsText("seen by Rita Reader");
        assertThat(page.locator("#alert")).hasText("");
        assertThat(page).hasTitle("BloodNet CDS: worklist");
        page.keyboard().press("Enter");
        assertThat(page).hasURL(Pattern.compile(".*/studies/[0-9a-f-]{36}$"));
        return page.url().substring(page.url().lastIndexOf('/') + 1);
    }

    private static void looksAround(Page page) {
        assertThat(page.locator("#title")).containsText(BLEED.familyName());
        assertThat(page.locator("#slice-says")).containsText("the AI outlined blood here");
        assertThat(page.locator("#slice")).hasAttribute("data-edges", "RLAP");
        assertThat(page.locator("#result")).containsText("threshold");
        assertThat(page.locator("#seen")).containsText("Seen by Rita Reader");
        assertThat(page.locator("#sides tr")).hasCount(5);
        assertThat(page.locator("#sides")).not().containsText("differs");
        assertThat(page.locator("#deliveries")).containsText("delivered");
        String gray = "() => { const c = document.getElementById('slice'); const d = c.getContext('2d')"
                + ".getImageData(0, 0, c.width, c.height).data; let red = 0, light = 0; for (let i = 0; i < d.length; i += 4) {"
                + " if (d[i] > d[i + 1] + 100) red++; if (d[i] > 60) light++; } return [red, light]; }";
        @SuppressWarnings("unchecked")
        List<Integer> with = (List<Integer>) page.evaluate(gray);
        assertThat(with.get(0)).as("voxels of the outline").isPositive();
        assertThat(with.get(1)).as("a head is drawn").isGreaterThan(10_000);
        page.locator("#outline").click();
        @SuppressWarnings("unchecked")
        List<Integer> without = (List<Integer>) page.evaluate(gray);
        assertThat(without.get(0)).isZero();
        page.locator("#outline").click();
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("bone"))
                .click();
        assertThat(page.locator("#slice-says")).containsText("600/2800");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("brain"))
                .click();
        Locator strip = page.locator("#strip button");
        strip.first().click();
        assertThat(page.locator("#slice-says")).containsText("slice 1 of " + strip.count());
        page.locator("#slice").press("ArrowUp");
        assertThat(page.locator("#slice-says")).containsText("slice 2 of " + strip.count());
        page.locator("#strip button.over").first().click();
        assertThat(page.locator("#slice-says")).containsText("window 40/80");
        Chromium.assertAccessible(page);
        Chromium.picture(page, "study");
    }

    private static void badRequests(Page page, String study) {
        Map<String, Integer> expected = Map.of(
                "/api/studies/" + study + "/slices/9999",
                404,
                "/api/studies/" + study + "/slices/-1",
                404,
                "/api/studies/" + study + "/masks/x",
                404,
                "/api/studies/0190c3a0-0000-7000-8000-000000000001",
                404,
                "/api/studies/x'--",
                404);
        expected.forEach((path, status) -> assertThat(page.evaluate("async (path) => (await fetch(path)).status", path))
                .as(path)
                .isEqualTo(status));
        String write = "async ([path, body]) => (await fetch(path, { method: 'POST', body })).status";
        for (String body : List.of(
                "",
                "{",
                "[]",
                "{\"agrees\":\"yes\"}",
                "{\"agrees\":false}",
                "{\"agrees\":false,\"reason\":\"X\"}",
                "{\"agrees\":true,\"note\":\"" + "x".repeat(501) + "\"}",
                "x".repeat(20_000))) {
            assertThat(page.evaluate(write, List.of("/api/studies/" + study + "/opinion", body)))
                    .as(body.length() + " characters")
                    .isEqualTo(400);
        }
    }

    private static void disagrees(Page page) {
        page.fill("#note", "It is <b>calcium</b>");
        page.locator("#disagree").click();
        assertThat(page.locator("#said")).containsText("Choose the reason");
        page.selectOption("#reason", "FALSE_ALARM");
        page.locator("#disagree").click();
        assertThat(page.locator("#said")).containsText("is stored");
        assertThat(page.locator("#opinions")).containsText("Rita Reader disagrees: false alarm");
        assertThat(page.locator("#opinions")).containsText("It is <b>calcium</b>");
        assertThat(page.locator("#result")).containsText("HEMORRHAGE SUSPECTED");
    }

    private static void otherRoles(Chromium chromium, RunningServer server, String study) {
        Page compliance = chromium.page();
        compliance.navigate(server.url() + "/audit");
        compliance.getByText("Carl Compliance").click();
        compliance.getByLabel("Job").fill(study);
        compliance.getByLabel("User").fill("rita");
        compliance.locator("#search button").click();
        Locator events = compliance.locator("#events");
        assertThat(events).containsText("act: disagree");
        assertThat(events).containsText("act: seen");
        assertThat(events).containsText("page: /studies/{job}");
        assertThat(events).not().containsText("calcium");
        Chromium.assertAccessible(compliance);
        Chromium.picture(compliance, "audit");
        compliance.navigate(server.url() + "/studies/" + study);
        assertThat(compliance.locator("h2")).hasText("This page is not for you");
        compliance.navigate(server.url());
        assertThat(compliance.locator("#person article")).hasCount(1);
        assertThat(compliance.locator("main")).not().containsText(BLEED.familyName());
        assertThat(compliance.content()).doesNotContain(BLEED.patientId());
    }

    private String config(SandboxHospital hospital, SandboxIdp idp) throws java.io.IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        return """
                http: { port: %d }
                hl7: { listen: { port: 0 }, results: { port: %d } }
                pacs: { dicomweb-url: "%s" }
                ehr: { fhir-url: "%s" }
                database: { url: "jdbc:h2:file:%s" }
                audit: { key-file: "%s" }
                orders: { quiet-seconds: 1 }
                sign-in: { issuer: "%s", client-id: "%s", base-url: "http://127.0.0.1:%d" }
                """.formatted(
                        port,
                        hospital.hl7().port(),
                        hospital.pacs().url(),
                        hospital.ehr().url(),
                        folder.resolve("bloodnet"),
                        folder.resolve("audit-key.pem"),
                        idp.issuer(),
                        SandboxIdp.CLIENT,
                        port);
    }
}
