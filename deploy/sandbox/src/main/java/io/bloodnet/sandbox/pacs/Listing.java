package io.bloodnet.sandbox.pacs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;
import io.bloodnet.sandbox.http.Query;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** QIDO-RS answers (PS3.18 10.6). A key that is not known here is refused, so that a client's mistake shows. */
final class Listing {

    private static final Map<String, Integer> KEYS = Map.of(
            "StudyInstanceUID", Tag.STUDY_INSTANCE_UID,
            "SeriesInstanceUID", Tag.SERIES_INSTANCE_UID,
            "SOPInstanceUID", Tag.SOP_INSTANCE_UID,
            "SOPClassUID", Tag.SOP_CLASS_UID,
            "AccessionNumber", Tag.ACCESSION_NUMBER,
            "PatientID", Tag.PATIENT_ID,
            "Modality", Tag.MODALITY,
            "ModalitiesInStudy", Tag.MODALITY,
            "StudyDate", Tag.STUDY_DATE,
            "SeriesNumber", Tag.SERIES_NUMBER);
    private static final Set<String> OTHERS = Set.of("limit", "offset", "includefield", "fuzzymatching");

    private Listing() {}

    /** Those that fit all keys. @throws IllegalArgumentException when a key is not known */
    static List<StoredInstance> matching(Collection<StoredInstance> instances, Query query) {
        List<StoredInstance> found = new ArrayList<>(instances);
        for (Query.Parameter parameter : query.parameters()) {
            if (!OTHERS.contains(parameter.name())) {
                int tag = key(parameter.name());
                Pattern wanted = pattern(parameter.value());
                found.removeIf(i -> !wanted.matcher(text(i.header(), tag)).matches());
            }
        }
        return found;
    }

    static List<ObjectNode> studies(List<StoredInstance> matching, Archive archive, String base) {
        return grouped(matching, StoredInstance::studyUid).keySet().stream()
                .map(uid -> study(archive.study(uid), base))
                .toList();
    }

    static List<ObjectNode> series(List<StoredInstance> matching, Archive archive, String base) {
        return grouped(matching, StoredInstance::seriesUid).values().stream()
                .map(List::getFirst)
                .map(first -> series(first, archive, base))
                .toList();
    }

    static List<ObjectNode> instances(List<StoredInstance> matching, String base) {
        return matching.stream().map(instance -> instance(instance, base)).toList();
    }

    /** The WADO-RS URL of an instance. */
    static String url(String base, StoredInstance i) {
        return base + "/studies/" + i.studyUid() + "/series/" + i.seriesUid() + "/instances/" + i.sopUid();
    }

    private static ObjectNode study(List<StoredInstance> instances, String base) {
        StoredInstance first = instances.getFirst();
        ObjectNode json = DicomJsonWriter.write(
                first.header(),
                Tag.STUDY_DATE,
                Tag.STUDY_TIME,
                Tag.ACCESSION_NUMBER,
                Tag.STUDY_DESCRIPTION,
                Tag.PATIENT_NAME,
                Tag.PATIENT_ID,
                Tag.PATIENT_BIRTH_DATE,
                Tag.PATIENT_SEX,
                Tag.STUDY_INSTANCE_UID,
                Tag.STUDY_ID);
        String[] modalities = instances.stream()
                .map(i -> text(i.header(), Tag.MODALITY))
                .distinct()
                .toArray(String[]::new);
        DicomJsonWriter.put(json, Tag.MODALITIES_IN_STUDY, Vr.CS, modalities);
        DicomJsonWriter.put(json, Tag.RETRIEVE_URL, Vr.UR, base + "/studies/" + first.studyUid());
        int series = grouped(instances, StoredInstance::seriesUid).size();
        DicomJsonWriter.put(json, Tag.NUMBER_OF_STUDY_RELATED_SERIES, Vr.IS, series);
        DicomJsonWriter.put(json, Tag.NUMBER_OF_STUDY_RELATED_INSTANCES, Vr.IS, instances.size());
        return json;
    }

    private static ObjectNode series(StoredInstance first, Archive archive, String base) {
        ObjectNode json = DicomJsonWriter.write(
                first.header(),
                Tag.MODALITY,
                Tag.SERIES_DESCRIPTION,
                Tag.BODY_PART_EXAMINED,
                Tag.STUDY_INSTANCE_UID,
                Tag.SERIES_INSTANCE_UID,
                Tag.SERIES_NUMBER);
        int count = (int) archive.study(first.studyUid()).stream()
                .filter(i -> i.seriesUid().equals(first.seriesUid()))
                .count();
        DicomJsonWriter.put(json, Tag.NUMBER_OF_SERIES_RELATED_INSTANCES, Vr.IS, count);
        DicomJsonWriter.put(
                json, Tag.RETRIEVE_URL, Vr.UR, base + "/studies/" + first.studyUid() + "/series/" + first.seriesUid());
        return json;
    }

    private static ObjectNode instance(StoredInstance instance, String base) {
        ObjectNode json = DicomJsonWriter.write(
                instance.header(),
                Tag.SOP_CLASS_UID,
                Tag.SOP_INSTANCE_UID,
                Tag.STUDY_INSTANCE_UID,
                Tag.SERIES_INSTANCE_UID,
                Tag.INSTANCE_NUMBER,
                Tag.ROWS,
                Tag.COLUMNS,
                Tag.BITS_ALLOCATED);
        DicomJsonWriter.put(json, Tag.RETRIEVE_URL, Vr.UR, url(base, instance));
        return json;
    }

    private static Map<String, List<StoredInstance>> grouped(
            List<StoredInstance> instances, Function<StoredInstance, String> by) {
        Map<String, List<StoredInstance>> groups = new LinkedHashMap<>();
        instances.forEach(
                i -> groups.computeIfAbsent(by.apply(i), k -> new ArrayList<>()).add(i));
        return groups;
    }

    private static int key(String name) {
        Integer byKeyword = KEYS.get(name);
        if (byKeyword != null) {
            return byKeyword;
        }
        return KEYS.values().stream()
                .filter(tag -> DicomJsonWriter.tag(tag).equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown matching key"));
    }

    /** Wild cards * and ?, a list of values separated by commas, and empty for everything (PS3.4 C.2.2.2). */
    private static Pattern pattern(String value) {
        if (value.isEmpty()) {
            return Pattern.compile(".*");
        }
        String regex = Pattern.quote(value)
                .replace("*", "\\E.*\\Q")
                .replace("?", "\\E.\\Q")
                .replace(",", "\\E|\\Q");
        return Pattern.compile(regex);
    }

    private static String text(DicomObject header, int tag) {
        return header.string(tag).orElse("");
    }
}
