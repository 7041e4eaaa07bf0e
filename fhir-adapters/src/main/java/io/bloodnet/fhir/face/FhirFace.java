package io.bloodnet.fhir.face;

import io.bloodnet.fhir.FhirAnswer;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.auditout.BalpMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.OperationOutcome.IssueType;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/**
 * Our own FHIR face: what we are (CapabilityStatement), what we filed, and the audit log. Read only; every error is an OperationOutcome.
 * Who may ask is the server's business, before it calls this. Safe for all threads.
 */
public final class FhirFace {

    /** Where the face lives. */
    public static final String PATH = "/fhir";

    private static final Pattern READ = Pattern.compile(PATH + "/([A-Za-z]{1,40})/([A-Za-z0-9\\-.]{1,64})");
    private static final Pattern SEARCH = Pattern.compile(PATH + "/([A-Za-z]{1,40})");
    private static final Set<String> MADE_PARAMETERS = Set.of("_id", "identifier", "patient", "subject");
    private static final Set<String> AUDIT_PARAMETERS =
            Set.of("_id", "date", "patient.identifier", "entity:identifier", "agent:identifier", "outcome");

    private final MadeResources made;
    private final AuditTrail trail;
    private final BalpMapper balp;
    private final byte[] capabilities;

    /** @param softwareVersion shown in the CapabilityStatement */
    public FhirFace(MadeResources made, AuditTrail trail, BalpMapper balp, String softwareVersion, Instant startedAt) {
        this.made = made;
        this.trail = trail;
        this.balp = balp;
        this.capabilities = FhirJson.write(Capabilities.statement(softwareVersion, startedAt));
    }

    /**
     * Answers one request.
     *
     * @param method HTTP method in capitals
     * @param path path as sent, without query
     * @param query the query as in the URL, null or empty for none
     */
    public FhirAnswer answer(String method, String path, @Nullable String query) {
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return FhirAnswer.refused(405, IssueType.NOTSUPPORTED, "This server only reads and searches");
        }
        if (path.equals(PATH + "/metadata")) {
            return FhirAnswer.json(capabilities, null);
        }
        try {
            Matcher read = READ.matcher(path);
            if (read.matches()) {
                return read(read.group(1), read.group(2));
            }
            Matcher search = SEARCH.matcher(path);
            return search.matches() ? search(search.group(1), query) : notFound();
        } catch (SearchParameters.BadSearchException e) {
            return FhirAnswer.refused(400, IssueType.INVALID, String.valueOf(e.getMessage()));
        }
    }

    /** The answer while the database is away. */
    public static FhirAnswer unavailable() {
        return FhirAnswer.unavailable("The server's records cannot be read now", Duration.ofSeconds(5));
    }

    private FhirAnswer read(String type, String id) {
        if (type.equals("AuditEvent")) {
            return sequence(id)
                    .flatMap(trail::read)
                    .map(entry -> FhirAnswer.of(balp.toFhir(entry.seq(), entry.event())))
                    .orElseGet(FhirFace::notFound);
        }
        return made.read(type, id).map(r -> FhirAnswer.json(r.json(), null)).orElseGet(FhirFace::notFound);
    }

    private FhirAnswer search(String type, @Nullable String query) {
        if (type.equals("AuditEvent")) {
            return audit(new SearchParameters(query, AUDIT_PARAMETERS), query);
        }
        if (!Capabilities.MADE.contains(type)) {
            return FhirAnswer.refused(404, IssueType.NOTSUPPORTED, "This server does not make such resources");
        }
        SearchParameters p = new SearchParameters(query, MADE_PARAMETERS);
        String ids = p.one("_id");
        String patient = p.either("patient", "subject");
        List<MadeResource> found = made.find(new MadeResources.Query(
                type,
                ids == null ? List.of() : Arrays.asList(ids.split(",")),
                p.one("identifier"),
                patient == null || patient.contains("/") ? patient : "Patient/" + patient,
                p.count() + 1,
                p.offset()));
        List<Resource> resources = new ArrayList<>();
        for (MadeResource one : found) {
            FhirJson.read(one.json(), Resource.class).ifPresent(resources::add);
        }
        return FhirAnswer.of(page(type, resources, p, query));
    }

    private FhirAnswer audit(SearchParameters p, @Nullable String query) {
        Instant from = null;
        Instant to = null;
        for (String date : p.all("date")) {
            String bare = date.replaceFirst("^(ge|gt|le|lt|eq)", "");
            Instant at = SearchParameters.instant(bare);
            if (date.startsWith("ge") || date.startsWith("gt")) {
                from = at;
            } else if (date.startsWith("le") || date.startsWith("lt")) {
                to = at;
            } else {
                from = at;
                to = at.plus(Duration.ofDays(1));
            }
        }
        Optional<Long> id = Optional.ofNullable(p.one("_id")).flatMap(FhirFace::sequence);
        if (p.one("_id") != null) {
            List<Resource> one = id.flatMap(trail::read).stream()
                    .map(e -> (Resource) balp.toFhir(e.seq(), e.event()))
                    .toList();
            return FhirAnswer.of(page("AuditEvent", one, p, query));
        }
        List<Resource> found = trail
                .find(new AuditTrail.Query(
                        value(p.one("patient.identifier")),
                        studyUid(value(p.one("entity:identifier"))),
                        value(p.one("agent:identifier")),
                        outcome(p.one("outcome")),
                        from,
                        to,
                        p.count() + 1,
                        p.offset()))
                .stream()
                .map(e -> (Resource) balp.toFhir(e.seq(), e.event()))
                .toList();
        return FhirAnswer.of(page("AuditEvent", found, p, query));
    }

    /** One page; the resource over the count only tells that there is another page. */
    private static Bundle page(String type, List<Resource> found, SearchParameters p, @Nullable String query) {
        Bundle bundle = new Bundle().setType(Bundle.BundleType.SEARCHSET);
        String rest =
                query == null ? "" : query.replaceAll("(^|&)_offset=\\d*", "").replaceFirst("^&", "");
        String self = type + "?" + rest;
        bundle.addLink().setRelation("self").setUrl(self + "&_offset=" + p.offset());
        if (found.size() > p.count()) {
            bundle.addLink().setRelation("next").setUrl(self + "&_offset=" + (p.offset() + p.count()));
        }
        found.stream()
                .limit(p.count())
                .forEach(r -> bundle.addEntry().setResource(r).getSearch().setMode(Bundle.SearchEntryMode.MATCH));
        return bundle;
    }

    private static @Nullable Integer outcome(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String value = value(text);
        if (value == null || !Set.of("0", "4", "8", "12").contains(value)) {
            throw new SearchParameters.BadSearchException("The outcome is 0, 4, 8 or 12");
        }
        return Integer.valueOf(value);
    }

    /** The value of a token, without its system. */
    private static @Nullable String value(@Nullable String token) {
        return token == null ? null : token.substring(token.indexOf('|') + 1);
    }

    private static @Nullable String studyUid(@Nullable String value) {
        return value == null ? null : value.replaceFirst("^urn:oid:", "");
    }

    private static Optional<Long> sequence(String id) {
        return id.matches("\\d{1,18}") ? Optional.of(Long.parseLong(id)) : Optional.empty();
    }

    private static FhirAnswer notFound() {
        return FhirAnswer.refused(404, IssueType.NOTFOUND, "There is no such resource here");
    }
}
