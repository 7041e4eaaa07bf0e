package io.bloodnet.sandbox.ehr;

/** Weak ETags of versions (FHIR R4 3.1.0.5). */
final class Versions {

    private Versions() {}

    static String etag(long version) {
        return "W/\"" + version + "\"";
    }

    static void requireMatch(String ifMatch, long version) {
        if (!ifMatch.replace("W/", "").replace("\"", "").strip().equals(Long.toString(version))) {
            throw new FhirRefusal(412, "conflict", "If-Match names a version that is not the newest");
        }
    }
}
