package io.bloodnet.server.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A real browser without a window, for tests of our pages. What the pages complain about is kept in {@link #errors}. */
public final class Chromium implements AutoCloseable {

    private static final Path PROGRAM = Path.of("/usr/bin/chromium");
    private static final double PATIENCE_MS = 60_000;
    /** Names the folder into which tests put pictures of the pages for the docs; without it none are made. */
    private static final @Nullable String PICTURES = System.getProperty("bloodnet.pictures");

    private final Playwright playwright;
    private final Browser browser;
    private final List<String> errors = new CopyOnWriteArrayList<>();

    /** Starts it; the test is skipped, and says so, where there is none. */
    public Chromium() {
        assumeTrue(Files.isExecutable(PROGRAM), PROGRAM + " is absent: the page is not driven in a browser");
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MS);
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(PROGRAM)
                        .setArgs(List.of("--no-sandbox", "--lang=en-US")));
    }

    /** A page in a context of its own: no cookies. */
    public Page page() {
        return page(1280, 900);
    }

    /** As {@link #page()} with this size in CSS pixels. */
    public Page page(int width, int height) {
        BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(width, height)
                .setIgnoreHTTPSErrors(true)
                .setTimezoneId("Europe/Vienna")
                .setLocale("en-GB"));
        Page page = context.newPage();
        page.setDefaultTimeout(PATIENCE_MS);
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                errors.add(message.text());
            }
        });
        page.onPageError(errors::add);
        return page;
    }

    /** What pages wrote to the console as errors, and scripts that broke. */
    public List<String> errors() {
        return List.copyOf(errors);
    }

    /** Fails with the broken rules of WCAG 2.2 A and AA that axe-core finds on the page, and where. */
    public static void assertAccessible(Page page) {
        page.evaluate(axe());
        @SuppressWarnings("unchecked")
        List<Map<String, Object>> violations = (List<Map<String, Object>>)
                page.evaluate(
                        "async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }))"
                                + ".violations.map(v => ({ id: v.id, where: v.nodes.map(n => n.target.join(' ') + ': ' + n.failureSummary) }))");
        List<String> said = new ArrayList<>();
        violations.forEach(violation -> said.add(violation.get("id") + " " + violation.get("where")));
        assertThat(said).as("axe-core on " + page.title()).isEmpty();
    }

    private static String axe() {
        try (InputStream in = Chromium.class.getResourceAsStream("/axe.min.js")) {
            if (in == null) {
                throw new IllegalStateException("axe-core's script is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("axe-core's script cannot be read", e);
        }
    }

    /** A picture for the docs, when {@code -Dbloodnet.pictures=FOLDER} asks for it. */
    public static void picture(Page page, String name) {
        if (PICTURES != null) {
            page.screenshot(new Page.ScreenshotOptions().setPath(Path.of(PICTURES, name + ".png")));
        }
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
