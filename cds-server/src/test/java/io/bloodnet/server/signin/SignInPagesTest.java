package io.bloodnet.server.signin;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.bloodnet.server.browser.Chromium;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sign-in in a real browser, whose own rules for cookies, redirects and policies count. */
class SignInPagesTest {

    @TempDir
    Path folder;

    @Test
    void a_person_signs_in_where_they_wanted_to_go_and_signs_out() throws Exception {
        try (SignInHouse house = new SignInHouse(folder, null);
                Chromium chromium = new Chromium()) {
            Page page = chromium.page();
            page.navigate(house.base + "/audit");
            assertThat(page.locator("h1")).hasText("Pretend identity provider");
            page.getByText("Carl Compliance").click();
            assertThat(page).hasURL(house.base + "/audit");
            assertThat(page.locator("#who")).containsText("Carl Compliance (compliance)");
            assertThat(page.evaluate("document.cookie"))
                    .as("out of reach for scripts")
                    .isEqualTo("");

            page.getByText("Sign out").click();
            assertThat(page.locator("h2")).hasText("You are signed out");
            assertThat(page).hasURL(house.base + "/signed-out");
            Chromium.assertAccessible(page);
            page.navigate(house.base + "/audit");
            assertThat(page.locator("h1")).hasText("Pretend identity provider");
            page.getByText("Rita Reader").click();
            assertThat(page.locator("h2")).hasText("This page is not for you");
            Chromium.assertAccessible(page);
        }
    }
}
