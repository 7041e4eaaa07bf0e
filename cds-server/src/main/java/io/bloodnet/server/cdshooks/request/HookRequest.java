package io.bloodnet.server.cdshooks.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A call of a service, checked (CDS Hooks 2.0.1 "HTTP Request", and the hooks' context tables). The server that a call names says whose
 * ids its ids are; nothing is ever fetched from there, and its token is dropped.
 *
 * @param hookInstance this firing of the hook
 * @param userId who looks, {@code Practitioner/1}
 * @param patientId the id of the Patient
 * @param encounterId the id of the Encounter; null when there is none
 * @param patient the patient by all names that came along
 * @param patientCameAlong whether the EHR answered the patient prefetch, if only by saying that it has none
 * @param draftOrders the Bundle of draft orders; missing on other hooks
 * @param selections references of the drafts that were selected, order-select only
 * @param medications the prefetched active medications; missing when none came along
 */
public record HookRequest(
        UUID hookInstance,
        String userId,
        String patientId,
        @Nullable String encounterId,
        EhrPatient patient,
        boolean patientCameAlong,
        JsonNode draftOrders,
        Set<String> selections,
        JsonNode medications) {

    /** Most drafts that may be selected at once. */
    static final int SELECTIONS_MAX = 500;

    private static final int USER_CHARS_MAX = 128;
    private static final int URL_CHARS_MAX = 2048;
    private static final Pattern USER =
            Pattern.compile("(Practitioner|PractitionerRole|Patient|RelatedPerson)/[A-Za-z0-9\\-.]{1,64}");
    private static final Pattern DRAFT =
            Pattern.compile("(?:^|/)([A-Z][A-Za-z]{1,39}/[A-Za-z0-9\\-.]{1,64})(?:/_history/[A-Za-z0-9\\-.]{1,64})?$");
    private static final Pattern UUID_TEXT = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    /**
     * Checks a body against the service's hook.
     *
     * @throws RequestException naming the field that is missing or wrong
     */
    public static HookRequest parse(HookService service, byte[] body) {
        JsonNode root = RequestJson.object(body);
        if (!RequestJson.text(root, "hook", 100).equals(service.hook())) {
            throw RequestException.bad("hook must be " + service.hook() + " for this service");
        }
        UUID instance = uuid(RequestJson.text(root, "hookInstance", 64));
        String server = fhirServer(root);
        JsonNode context = RequestJson.objectMember(root, "context");
        String user = RequestJson.text(context, "userId", USER_CHARS_MAX);
        if (!USER.matcher(user).matches()) {
            throw RequestException.bad("context.userId must be Practitioner/id or one of the other user types");
        }
        String patientId = RequestJson.fhirId(context, "patientId", "Patient");
        boolean needsEncounter = service == HookService.ENCOUNTER_START;
        String encounter = needsEncounter || context.has("encounterId") ? encounter(context) : null;
        JsonNode prefetch = optionalObject(root, "prefetch");
        JsonNode patient = supplied(prefetch, "patient");
        return new HookRequest(
                instance,
                user,
                patientId,
                encounter,
                PatientJson.read(patient, patientId, server),
                isAnswered(prefetch, "patient"),
                drafts(service, context),
                selections(service, context),
                supplied(prefetch, "medications"));
    }

    private static @Nullable String encounter(JsonNode context) {
        return context.path("encounterId").isNull() ? null : RequestJson.fhirId(context, "encounterId", "Encounter");
    }

    private static UUID uuid(String text) {
        if (!UUID_TEXT.matcher(text).matches()) {
            throw RequestException.bad("hookInstance must be a UUID");
        }
        return UUID.fromString(text);
    }

    /** Whose ids the call's are; null when it does not say. The access to it that comes along is checked for its form, and neither kept nor used. */
    private static @Nullable String fhirServer(JsonNode root) {
        String url = null;
        if (root.has("fhirServer")) {
            url = RequestJson.text(root, "fhirServer", URL_CHARS_MAX);
            if (!url.startsWith("https://") && !url.startsWith("http://")) {
                throw RequestException.bad("fhirServer must be an https URL");
            }
        }
        if (root.has("fhirAuthorization")) {
            RequestJson.objectMember(root, "fhirAuthorization");
            if (!root.has("fhirServer")) {
                throw RequestException.bad("fhirServer is required with fhirAuthorization");
            }
        }
        return url;
    }

    private static JsonNode optionalObject(JsonNode root, String name) {
        JsonNode node = root.path(name);
        return node.isNull() || node.isMissingNode() ? MissingNode.getInstance() : RequestJson.objectMember(root, name);
    }

    /** A prefetched resource; missing where there is none, and where the client says by an OperationOutcome that it failed (3.0). */
    private static JsonNode supplied(JsonNode prefetch, String key) {
        JsonNode node = prefetch.path(key);
        return node.isObject() && !isFailed(node) ? node : MissingNode.getInstance();
    }

    /** Whether the EHR had an answer: a resource, or null, by which it says that it has none. A failure is as if nothing had come. */
    private static boolean isAnswered(JsonNode prefetch, String key) {
        JsonNode node = prefetch.path(key);
        return node.isNull() || node.isObject() && !isFailed(node);
    }

    private static boolean isFailed(JsonNode node) {
        return node.path("resourceType").asText().equals("OperationOutcome");
    }

    private static JsonNode drafts(HookService service, JsonNode context) {
        if (service.flagsFindings()) {
            return MissingNode.getInstance();
        }
        JsonNode drafts = RequestJson.objectMember(context, "draftOrders");
        if (!drafts.path("resourceType").asText().equals("Bundle")) {
            throw RequestException.bad("context.draftOrders must be a Bundle");
        }
        return drafts;
    }

    private static Set<String> selections(HookService service, JsonNode context) {
        if (service != HookService.ORDER_SELECT) {
            return Set.of();
        }
        JsonNode array = context.path("selections");
        if (!array.isArray() || array.isEmpty() || array.size() > SELECTIONS_MAX) {
            throw RequestException.bad("context.selections must be an array of 1 to " + SELECTIONS_MAX + " references");
        }
        Set<String> references = new HashSet<>();
        array.forEach(reference -> {
            references.add(reference.asText());
            Matcher local =
                    DRAFT.matcher(reference.asText()); // absolute or of a version: the drafts are known by type and id
            if (local.find()) {
                references.add(local.group(1));
            }
        });
        return references;
    }

    /** Nothing that identifies. */
    @Override
    public String toString() {
        return "HookRequest[" + hookInstance + "]";
    }
}
