package io.bloodnet.server.signin;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Outcome;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sign-in over real HTTP against the pretend provider, which checks PKCE, codes and addresses as a real one does. */
class SignInTest {

    private static final String[] FROM_OUR_PAGE = {"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors"};
    private static final String JOB = "0190c3a0-0000-7000-8000-000000000001";

    @TempDir
    Path folder;

    @Test
    void a_person_signs_in_works_under_their_name_and_signs_out_here_and_at_the_provider() throws Exception {
        try (SignInHouse house = new SignInHouse(folder, null)) {
            HttpResponse<String> begun = house.get("/signin?to=/audit");
            assertThat(begun.statusCode()).isEqualTo(303);
            assertThat(SignInHouse.location(begun))
                    .startsWith(house.idp.issuer() + "/authorize?")
                    .contains("code_challenge_method=S256", "nonce=", "state=", "response_type=code");
            HttpResponse<String> back =
                    house.get(house.approve(SignInHouse.location(begun), "rita"), "Cookie", SignInHouse.cookie(begun));
            assertThat(SignInHouse.location(back)).isEqualTo("/audit");
            assertThat(back.headers().allValues("Set-Cookie"))
                    .anySatisfy(cookie -> assertThat(cookie)
                            .startsWith("__Host-bloodnet=")
                            .contains("Secure", "HttpOnly", "Path=/", "SameSite=Lax")
                            .doesNotContain("Domain"));
            String session = SignInHouse.cookie(back);

            assertThat(house.get("/api/worklist", "Cookie", session).body())
                    .contains("\"Person\"", "\"rita\"", "\"seesPatients\":true");
            assertThat(house.get("/api/me", "Cookie", session).body()).contains("Rita Reader", "clinician");

            HttpResponse<String> out =
                    house.send("POST", "/signout", "Cookie", session, "Sec-Fetch-Site", "same-origin");
            assertThat(out.body()).contains(house.idp.issuer() + "/end-session?", "id_token_hint=");
            assertThat(house.get("/api/worklist", with(FROM_OUR_PAGE, "Cookie", session))
                            .statusCode())
                    .isEqualTo(401);
            assertThat(house.audit.events(AuditEvent.SignedIn.class))
                    .singleElement()
                    .satisfies(event -> {
                        assertThat(event.about().user()).isEqualTo("rita");
                        assertThat(event.roles()).isEqualTo("clinician");
                        assertThat(event.client()).isEqualTo("127.0.0.1");
                    });
            assertThat(house.audit.events(AuditEvent.SignedOut.class)).hasSize(1);
        }
    }

    @Test
    void without_a_session_a_browser_is_led_to_sign_in_and_its_scripts_are_told() throws Exception {
        try (SignInHouse house = new SignInHouse(folder, null)) {
            String[] navigation = {"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate"};
            assertThat(SignInHouse.location(house.get("/studies/" + JOB, navigation)))
                    .isEqualTo("/signin?to=/studies/" + JOB);
            assertThat(SignInHouse.location(house.get("/", navigation))).isEqualTo("/signin?to=/");
            HttpResponse<String> api = house.get("/api/worklist", FROM_OUR_PAGE);
            assertThat(api.statusCode()).isEqualTo(401);
            assertThat(api.body()).contains("\"signIn\":true");
            assertThat(house.get("/api/studies/x").statusCode())
                    .as("a program on this machine: no patients")
                    .isEqualTo(401);
            assertThat(house.get("/api/worklist").body())
                    .as("a program on this machine: the list without patients")
                    .contains("\"Local\"", "\"seesPatients\":false");
            assertThat(house.get("/%2e%2e//api/audit").statusCode()).isEqualTo(404);
            assertThat(house.audit.events(AuditEvent.AccessRefused.class))
                    .as("strangers do not fill the log")
                    .hasSize(1);
        }
    }

    @Test
    void what_does_not_come_back_as_it_was_begun_is_refused_and_audited() throws Exception {
        try (SignInHouse house = new SignInHouse(folder, null)) {
            HttpResponse<String> begun = house.get("/signin?to=https://elsewhere.example/");
            HttpResponse<String> other = house.get("/signin");
            String mine = SignInHouse.cookie(begun);
            String back = house.approve(SignInHouse.location(begun), "rita");

            assertRefused(house.get(back), "not begun in this browser");
            assertRefused(house.get(back, "Cookie", SignInHouse.cookie(other)), "not begun in this browser");
            assertRefused(
                    house.get(back.replaceFirst("code=[^&]*", "code=guessed"), "Cookie", mine),
                    "does not take the code");
            assertRefused(
                    house.get(back.replaceFirst("code=[^&]*&", "error=access_denied&"), "Cookie", mine), "did not");
            assertRefused(
                    house.get(back, "Cookie", swapped(mine, SignInHouse.cookie(other), 1)),
                    "not valid"); // another nonce
            HttpResponse<String> again = house.get("/signin");
            String second = house.approve(SignInHouse.location(again), "rita");
            assertRefused(
                    house.get(second, "Cookie", swapped(SignInHouse.cookie(again), mine, 2)),
                    "does not take the code"); // another verifier

            HttpResponse<String> third = house.get("/signin?to=https://elsewhere.example/");
            String way = house.approve(SignInHouse.location(third), "rita");
            HttpResponse<String> in = house.get(way, "Cookie", SignInHouse.cookie(third));
            assertThat(SignInHouse.location(in)).as("never to another site").isEqualTo("/");
            assertRefused(house.get(way, "Cookie", SignInHouse.cookie(third)), "does not take the code"); // used
            assertThat(house.audit.events(AuditEvent.SignedIn.class))
                    .filteredOn(event -> event.outcome() == Outcome.SERIOUS_FAILURE)
                    .hasSize(7);
        }
    }

    @Test
    void each_role_sees_what_it_needs_and_a_refusal_is_audited_with_the_person() throws Exception {
        try (SignInHouse house = new SignInHouse(folder, null)) {
            HttpResponse<String> begun = house.get("/signin");
            assertRefused(
                    house.get(house.approve(SignInHouse.location(begun), "vic"), "Cookie", SignInHouse.cookie(begun)),
                    "no role here");

            String rita = house.signIn("rita");
            String carl = house.signIn("carl");
            String ada = house.signIn("ada");
            assertThat(statuses(house, rita, "/", "/audit", "/api/audit", "/api/studies/x", "/api/worklist"))
                    .containsExactly(200, 403, 403, 200, 200);
            assertThat(statuses(house, carl, "/", "/audit", "/api/audit", "/api/studies/x", "/studies/" + JOB))
                    .containsExactly(200, 200, 200, 403, 403);
            assertThat(statuses(house, ada, "/audit", "/api/studies/x", "/api/worklist"))
                    .containsExactly(403, 403, 200);
            assertThat(house.get("/api/worklist", "Cookie", ada).body()).contains("\"seesPatients\":false");
            assertThat(house.audit.events(AuditEvent.PageViewed.class))
                    .extracting(event -> event.about().user() + " " + event.page() + " " + event.outcome())
                    .contains("rita / SUCCESS", "rita /audit SERIOUS_FAILURE", "carl /audit SUCCESS")
                    .contains("carl /studies/{job} SERIOUS_FAILURE", "ada /api/studies SERIOUS_FAILURE");
        }
    }

    @Test
    void other_sites_cannot_have_a_signed_in_browser_do_anything() throws Exception {
        try (SignInHouse house = new SignInHouse(folder, null)) {
            String rita = house.signIn("rita");
            assertThat(post(house, rita, "Sec-Fetch-Site", "cross-site")).isEqualTo(403);
            assertThat(post(house, rita, "Sec-Fetch-Site", "same-site")).isEqualTo(403);
            assertThat(post(house, rita, "Origin", "https://elsewhere.example")).isEqualTo(403);
            assertThat(post(house, rita, "Origin", "null")).isEqualTo(403);
            assertThat(post(house, rita, "Accept", "*/*")).isEqualTo(403);
            assertThat(post(house, rita, "Origin", house.base.toString())).isEqualTo(200);
            assertThat(post(house, rita, "Sec-Fetch-Site", "same-origin")).isEqualTo(200);
            assertThat(house.get(
                                    "/api/worklist",
                                    "Cookie",
                                    rita,
                                    "Sec-Fetch-Site",
                                    "cross-site",
                                    "Sec-Fetch-Mode",
                                    "cors")
                            .statusCode())
                    .isEqualTo(403);
            assertThat(house.send("POST", "/signout", "Cookie", rita, "Sec-Fetch-Site", "cross-site")
                            .statusCode())
                    .isEqualTo(403);
            assertThat(house.send("POST", "/api/jobs/retry", "Sec-Fetch-Site", "cross-site")
                            .statusCode())
                    .as("a page elsewhere in a browser on this machine")
                    .isIn(401, 403);
            assertThat(house.audit.events(AuditEvent.PersonActed.class))
                    .filteredOn(event -> event.outcome() == Outcome.SERIOUS_FAILURE)
                    .hasSize(5);
        }
    }

    @Test
    void a_session_ends_when_it_is_idle_and_when_it_is_old() throws Exception {
        try (SignInHouse house = new SignInHouse(folder, null)) {
            String idle = house.signIn("rita");
            house.wait(Duration.ofMinutes(59));
            assertThat(house.get("/api/studies/x", "Cookie", idle).statusCode()).isEqualTo(200);
            house.wait(Duration.ofMinutes(59));
            assertThat(house.get("/api/studies/x", "Cookie", idle).statusCode()).isEqualTo(200);
            house.wait(Duration.ofMinutes(61));
            assertThat(house.get("/api/studies/x", "Cookie", idle).statusCode()).isEqualTo(401);

            String old = house.signIn("rita");
            for (int hour = 0; hour < 24; hour++) {
                house.wait(Duration.ofMinutes(29));
                assertThat(house.get("/api/studies/x", "Cookie", old).statusCode())
                        .isEqualTo(200);
            }
            house.wait(Duration.ofMinutes(29));
            assertThat(house.get("/api/studies/x", "Cookie", old).statusCode()).isEqualTo(401);
        }
    }

    @Test
    void a_provider_that_is_down_is_said_and_asked_again() throws Exception {
        try (SignInHouse house = new SignInHouse(folder, null)) {
            house.idp.breakDown(true);
            HttpResponse<String> down = house.get("/signin");
            assertThat(down.statusCode()).isEqualTo(503);
            assertThat(down.body()).contains("You cannot sign in now", "Orders are analyzed");
            house.idp.breakDown(false);
            house.wait(Duration.ofSeconds(6));
            assertThat(house.signIn("rita")).startsWith("__Host-bloodnet=");
        }
    }

    @Test
    void the_token_is_for_programs_only() throws Exception {
        String bearer = "Bearer 0123456789abcdef";
        try (SignInHouse house = new SignInHouse(folder, "0123456789abcdef")) {
            assertThat(house.get("/api/worklist", "Authorization", bearer, "X-BloodNet-By", "night shift")
                            .body())
                    .contains("\"Machine\"", "night shift", "\"seesPatients\":false");
            assertThat(house.get("/", "Authorization", bearer).statusCode()).isEqualTo(403);
            assertThat(house.get("/api/studies/x", "Authorization", bearer).statusCode())
                    .isEqualTo(403);
            assertThat(house.get("/api/worklist", "Authorization", bearer + "x").statusCode())
                    .isEqualTo(401);
            assertThat(house.get("/api/worklist").statusCode()).isEqualTo(401);
            assertThat(house.get("/health/live").statusCode())
                    .as("let through; nothing is there in this test")
                    .isEqualTo(404);
        }
    }

    @Test
    void where_nobody_can_sign_in_pages_stay_on_this_machine_and_say_so() throws Exception {
        try (SignInHouse house = new SignInHouse(folder, null, false)) {
            assertThat(house.get("/").statusCode()).isEqualTo(200);
            assertThat(house.get("/api/me").body()).contains("\"signIn\":false");
            for (List<String> away : List.of(List.of("X-Forwarded-For", "10.0.0.9"), List.of("Via", "1.1 proxy"))) {
                HttpResponse<String> refused = house.get("/", away.get(0), away.get(1));
                assertThat(refused.statusCode()).isEqualTo(403);
                assertThat(refused.body()).contains("the server's own machine");
                assertThat(house.get("/api/worklist", away.get(0), away.get(1)).statusCode())
                        .isEqualTo(403);
            }
            assertThat(house.get("/studies/" + JOB).body()).contains("needs a person who signed in");
            assertThat(house.send("POST", "/api/jobs/retry", "Sec-Fetch-Site", "cross-site")
                            .statusCode())
                    .isEqualTo(403);
            assertThat(house.send("POST", "/api/jobs/retry").statusCode()).isEqualTo(200);
        }
    }

    private static List<Integer> statuses(SignInHouse house, String session, String... paths) throws Exception {
        List<Integer> all = new java.util.ArrayList<>();
        for (String path : paths) {
            all.add(house.get(path, "Cookie", session).statusCode());
        }
        return all;
    }

    private static int post(SignInHouse house, String session, String header, String value) throws Exception {
        return house.send("POST", "/api/jobs/retry", "Cookie", session, header, value)
                .statusCode();
    }

    private static void assertRefused(HttpResponse<String> answer, String reason) {
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("You are not signed in").contains(reason);
        assertThat(SignInHouse.cookie(answer)).isEmpty();
    }

    /** One cookie with a part of another: 1 the nonce, 2 the verifier. */
    private static String swapped(String cookie, String other, int part) {
        String[] mine = cookie.split("[.]");
        mine[part] = other.split("[.]")[part];
        return String.join(".", mine);
    }

    private static String[] with(String[] headers, String name, String value) {
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = name;
        all[headers.length + 1] = value;
        return all;
    }
}
