package io.bloodnet.fhir;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.parser.IParser;
import ca.uhn.fhir.parser.LenientErrorHandler;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.hl7.fhir.r4.model.Resource;

/**
 * R4 resources from and to JSON. One context for the process: it is costly to make and safe for all threads; parsers are neither, so each
 * call makes its own.
 */
public final class FhirJson {

    /** What we read and write. */
    public static final String CONTENT_TYPE = "application/fhir+json";

    private static final FhirContext R4 = FhirContext.forR4();

    private FhirJson() {}

    /** The shared context. */
    public static FhirContext context() {
        return R4;
    }

    /** Loads what the first real use would wait for (about a second). Call it in the background at start. */
    public static void warm() {
        var report = new org.hl7.fhir.r4.model.DiagnosticReport();
        report.addIdentifier().setSystem("urn:bloodnet").setValue("warm");
        read(write(report), org.hl7.fhir.r4.model.DiagnosticReport.class);
    }

    /** The resource in these bytes, when they are within {@link JsonGuard}'s limits and hold a resource of that type; else empty. */
    public static <T extends Resource> Optional<T> read(byte[] json, Class<T> type) {
        byte[] plain = withoutMark(json);
        if (!JsonGuard.isSafeObject(plain)) {
            return Optional.empty();
        }
        try {
            Object resource = parser().parseResource(new String(plain, StandardCharsets.UTF_8));
            return type.isInstance(resource) ? Optional.of(type.cast(resource)) : Optional.empty();
        } catch (DataFormatException | IllegalArgumentException | ClassCastException | IllegalStateException e) {
            return Optional.empty(); // its message quotes the content, so it goes no further
        }
    }

    /** Without the byte order mark that some senders put before UTF-8 (RFC 8259 8.1 lets a reader pass over it). */
    public static byte[] withoutMark(byte[] json) {
        boolean marked = json.length >= 3 && json[0] == (byte) 0xef && json[1] == (byte) 0xbb && json[2] == (byte) 0xbf;
        return marked ? Arrays.copyOfRange(json, 3, json.length) : json;
    }

    /** The resource as JSON in UTF-8. The same resource gives the same bytes. */
    public static byte[] write(Resource resource) {
        return parser().encodeResourceToString(resource).getBytes(StandardCharsets.UTF_8);
    }

    /** As {@link #write}, for people. */
    public static String pretty(Resource resource) {
        return parser().setPrettyPrint(true).encodeResourceToString(resource);
    }

    /** Unknown elements are passed over without a log line, since the line would quote the sender; wrong values are refused. */
    private static IParser parser() {
        LenientErrorHandler quiet = new LenientErrorHandler(false);
        quiet.setErrorOnInvalidValue(true);
        IParser parser = R4.newJsonParser();
        parser.setParserErrorHandler(quiet);
        parser.setOverrideResourceIdWithBundleEntryFullUrl(false);
        parser.setStripVersionsFromReferences(false);
        return parser;
    }
}
