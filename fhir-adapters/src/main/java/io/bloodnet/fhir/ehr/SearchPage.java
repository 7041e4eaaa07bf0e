package io.bloodnet.fhir.ehr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.JsonGuard;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One page of a search's answer (a searchset Bundle, FHIR R4 3.1.1.5). A resource in it that cannot be read spoils only itself: it is named
 * in the log, and the others are taken.
 *
 * @param matches what was searched for, without what was included beside it
 * @param next where the next page is, as written; null when there is none
 */
record SearchPage(List<Resource> matches, @Nullable String next) {

    private static final Logger LOG = LoggerFactory.getLogger(SearchPage.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9\\-.]{1,64}");
    /** Types whose ids may be told: their ids name no person. */
    private static final Pattern TOLD =
            Pattern.compile("ImagingStudy|ServiceRequest|DiagnosticReport|Task|Subscription");

    SearchPage {
        matches = List.copyOf(matches);
    }

    /** Reads a page; empty when the answer is none. */
    static Optional<SearchPage> of(EhrAnswer answer) {
        return answer.resource(Bundle.class).map(SearchPage::of).or(() -> oneByOne(answer.body()));
    }

    private static SearchPage of(Bundle bundle) {
        Bundle.BundleLinkComponent next = bundle.getLink("next");
        return new SearchPage(
                bundle.getEntry().stream()
                        .filter(e ->
                                e.getResource() != null && e.getSearch().getMode() != Bundle.SearchEntryMode.INCLUDE)
                        .map(Bundle.BundleEntryComponent::getResource)
                        .toList(),
                next == null ? null : next.getUrl());
    }

    private static Optional<SearchPage> oneByOne(byte[] body) {
        byte[] plain = FhirJson.withoutMark(body);
        if (!JsonGuard.isSafeObject(plain)) {
            return Optional.empty();
        }
        try {
            JsonNode bundle = JSON.readTree(plain);
            if (!bundle.path("resourceType").asText().equals("Bundle")) {
                return Optional.empty();
            }
            List<Resource> read = new ArrayList<>();
            for (JsonNode entry : bundle.path("entry")) {
                JsonNode resource = entry.path("resource");
                if (resource.isObject() && !entry.at("/search/mode").asText().equals("include")) {
                    FhirJson.read(JSON.writeValueAsBytes(resource), Resource.class)
                            .ifPresentOrElse(read::add, () -> passOver(resource));
                }
            }
            return Optional.of(new SearchPage(read, next(bundle)));
        } catch (IOException e) {
            return Optional.empty(); // what it says may quote the content
        }
    }

    private static @Nullable String next(JsonNode bundle) {
        for (JsonNode link : bundle.path("link")) {
            if (link.path("relation").asText().equals("next")) {
                return link.path("url").asText();
            }
        }
        return null;
    }

    private static void passOver(JsonNode resource) {
        String type = resource.path("resourceType").asText();
        String id = resource.path("id").asText();
        boolean told = TOLD.matcher(type).matches() && NAME.matcher(id).matches();
        LOG.warn(
                "{} in a search's answer cannot be read and is passed over: an element breaks FHIR R4",
                told ? type + "/" + id : "a resource");
    }
}
