package io.bloodnet.fhir.ehr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows of C-SSRF: what a message names is read from the configured EHR or not at all. */
class EhrBaseTest {

    private final EhrBase base = new EhrBase(URI.create("https://ehr.example/tenant-a/fhir/"));

    @Test
    void relative_references_and_those_under_our_base_are_ours() {
        String expected = "Patient/p1";
        assertThat(base.resourceOf("Patient/p1").orElseThrow().reference()).isEqualTo(expected);
        assertThat(base.resourceOf("Patient/p1/_history/3").orElseThrow().reference())
                .isEqualTo(expected);
        assertThat(base.resourceOf("https://ehr.example/tenant-a/fhir/Patient/p1")
                        .orElseThrow()
                        .reference())
                .isEqualTo(expected);
        assertThat(base.resourceOf("https://EHR.example:443/tenant-a/fhir/Patient/p1")
                        .orElseThrow()
                        .reference())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://169.254.169.254/latest/meta-data/Patient/1",
                "http://[::1]/tenant-a/fhir/Patient/1",
                "http://[::ffff:127.0.0.1]/tenant-a/fhir/Patient/1",
                "https://0177.1/tenant-a/fhir/Patient/1",
                "https://2130706433/tenant-a/fhir/Patient/1",
                "https://ehr.example.evil.tld/tenant-a/fhir/Patient/1",
                "https://ehr.example@evil.tld/tenant-a/fhir/Patient/1",
                "https://user@ehr.example/tenant-a/fhir/Patient/1",
                "https://ehr.example:8080/tenant-a/fhir/Patient/1",
                "http://ehr.example/tenant-a/fhir/Patient/1",
                "https://ehr.example/tenant-b/fhir/Patient/1",
                "https://ehr.example/tenant-a/fhirEvil/Patient/1",
                "https://ehr.example/tenant-a/fhir/../../tenant-b/Patient/1",
                "https://ehr.example/tenant-a/fhir/%2e%2e/Patient/1",
                "https://ehr.example/tenant-a/fhir//evil.tld/Patient/1",
                "https://ehr.example/tenant-a/fhir/Patient/1?x=http://evil.tld",
                "https://ehr.example/tenant-a/fhir/Patient/1#x",
                "//evil.tld/Patient/1",
                "file:///etc/passwd",
                "ftp://ehr.example/tenant-a/fhir/Patient/1",
                "gopher://ehr.example/Patient/1",
                "javascript:alert(1)",
                "urn:uuid:2f1d2b0e-3a1f-4d7e-9d5a-0c0b0a090807",
                "Patient/1\r\nHost: evil.tld",
                "https://ehr.example/tenant-a/fhir/Patient/1\r\nX: y",
                "Patient/../Observation",
                "Patient/..",
                "Patient/.",
                "../Patient/1",
                "/Patient/1",
                "Patient/",
                "#p1",
                "",
                "Patient?identifier=1"
            })
    void everything_else_is_nobodys(String reference) {
        assertThat(base.resourceOf(reference)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.tld/tenant-a/fhir?page=2",
                "https://ehr.example.evil.tld/tenant-a/fhir?page=2",
                "https://ehr.example/tenant-b/fhir?page=2",
                "http://ehr.example/tenant-a/fhir?page=2"
            })
    void a_next_page_elsewhere_is_not_followed(String next) {
        assertThat(base.relative(next)).isEmpty();
    }

    @Test
    void a_next_page_here_is_followed() {
        assertThat(base.relative("https://ehr.example/tenant-a/fhir?_getpages=1&x=%7C"))
                .contains("?_getpages=1&x=%7C");
        assertThat(base.relative("https://ehr.example/tenant-a/fhir/Patient?page=2"))
                .contains("Patient?page=2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://ehr.example/fhir",
                "https:///fhir",
                "/fhir",
                "https://u:p@ehr.example/fhir",
                "https://ehr.example/fhir?x=1",
                "https://ehr.example/fhir#x"
            })
    void a_base_that_is_no_plain_http_url_is_refused(String url) {
        assertThatThrownBy(() -> new EhrBase(URI.create(url)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fhir-url");
    }
}
