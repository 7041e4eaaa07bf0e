package io.bloodnet.imaging.study;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomJson;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudySource.SeriesListing;
import io.bloodnet.imaging.study.StudySource.StudyListing;
import io.bloodnet.imaging.study.StudySource.StudyLookup;
import io.bloodnet.imaging.study.StudySourceException.Code;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** QIDO-RS (PS3.18 10.6). Every answer is held against what was asked: archives ignore parameters that they do not know. */
final class StudySearch {

    static final String JSON = "application/dicom+json";

    /** Studies that may answer to one key. */
    private static final int MATCHES_MAX = 100;

    private static final int SERIES_MAX = 1_000;

    private static final String STUDY_FIELDS = "&includefield=00080050&includefield=00100010&includefield=00100020"
            + "&includefield=00100021&includefield=00100030&includefield=00100040&includefield=00201208";

    private final ArchiveHttp http;
    private final DicomJson json;

    StudySearch(ArchiveHttp http, DicomJson json) {
        this.http = http;
        this.json = json;
    }

    StudyLookup find(@Nullable StudyUid studyUid, @Nullable AccessionNumber accession, PatientId patient) {
        if (studyUid != null) {
            // Two hits for one UID are one UID under two patients: even the right one cannot be retrieved safely.
            return one(studies("StudyInstanceUID", studyUid.value(), s -> isStudy(s, studyUid)));
        }
        if (accession == null) {
            return new StudyLookup.NotFound();
        }
        List<DicomObject> found = studies("AccessionNumber", accession.value(), s -> hasAccession(s, accession));
        List<DicomObject> ofPatient =
                found.stream().filter(study -> isOf(study, patient)).toList();
        // A single study of another patient is told, so that the disagreement is seen and not waited on.
        return one(found.size() > 1 && ofPatient.size() == 1 ? ofPatient : found);
    }

    private StudyLookup one(List<DicomObject> found) {
        return switch (found.size()) {
            case 0 -> new StudyLookup.NotFound();
            case 1 -> new StudyLookup.Found(listing(found.getFirst()));
            default -> new StudyLookup.Ambiguous(found.size());
        };
    }

    private static boolean isStudy(DicomObject study, StudyUid asked) {
        return study.string(Tag.STUDY_INSTANCE_UID).orElse("").equals(asked.value());
    }

    private static boolean hasAccession(DicomObject study, AccessionNumber asked) {
        return study.string(Tag.ACCESSION_NUMBER).orElse("").strip().equals(asked.value());
    }

    private static boolean isOf(DicomObject study, PatientId asked) {
        var patient = FactsReader.patient(study);
        return patient != null && patient.id().matches(asked);
    }

    private List<DicomObject> studies(String key, String value, Predicate<DicomObject> isAsked) {
        String query = "/studies?" + key + "=" + encode(value) + STUDY_FIELDS + "&limit=" + (MATCHES_MAX + 1);
        List<DicomObject> answers = ask(query);
        List<DicomObject> asked;
        try {
            asked = answers.stream().filter(isAsked).toList();
        } catch (DicomException e) {
            throw new StudySourceException(Code.BAD_ANSWER, "the archive's list of studies is broken", e);
        }
        if (asked.isEmpty() && !answers.isEmpty()) {
            throw new StudySourceException(
                    Code.BAD_ANSWER, "the archive answered with " + answers.size() + " studies, none as asked for");
        }
        return asked;
    }

    private StudyListing listing(DicomObject study) {
        try {
            StudyUid uid = new StudyUid(study.requiredString(Tag.STUDY_INSTANCE_UID));
            List<SeriesListing> series = series(uid);
            int counted = series.stream().mapToInt(SeriesListing::instanceCount).sum();
            int instances = study.integer(Tag.NUMBER_OF_STUDY_RELATED_INSTANCES).orElse(counted);
            return new StudyListing(uid, FactsReader.patient(study), FactsReader.accession(study), series, instances);
        } catch (DicomException | IllegalArgumentException e) {
            throw new StudySourceException(Code.BAD_ANSWER, "the archive's list of studies is broken", e);
        }
    }

    private List<SeriesListing> series(StudyUid studyUid) {
        List<SeriesListing> series = new ArrayList<>();
        String query =
                "/studies/" + studyUid + "/series?includefield=0008103E&includefield=00201209&limit=" + SERIES_MAX;
        for (DicomObject answer : ask(query)) {
            if (!answer.string(Tag.STUDY_INSTANCE_UID).orElse(studyUid.value()).equals(studyUid.value())) {
                throw new StudySourceException(Code.BAD_ANSWER, "the archive listed series of another study");
            }
            String uid = answer.requiredString(Tag.SERIES_INSTANCE_UID);
            if (!StudyUid.isUid(uid)) {
                throw new StudySourceException(Code.BAD_ANSWER, "the archive listed a series without a UID");
            }
            series.add(new SeriesListing(
                    uid,
                    answer.string(Tag.MODALITY).orElse(null),
                    answer.string(Tag.SERIES_DESCRIPTION).orElse(null),
                    answer.integer(Tag.NUMBER_OF_SERIES_RELATED_INSTANCES).orElse(0)));
        }
        return series;
    }

    /** Data sets of a JSON answer; nothing found is an empty list, however the archive says it. */
    List<DicomObject> ask(String path) {
        try (ArchiveHttp.Answer answer = http.get(path, JSON)) {
            if (answer.status() == 204 || answer.status() == 404) {
                return List.of();
            }
            if (!answer.ok()) {
                throw answer.failure("a search");
            }
            if (!Set.of(JSON, "application/json").contains(answer.type().name())) {
                throw new StudySourceException(Code.BAD_ANSWER, "the archive's answer is no DICOM JSON");
            }
            return json.read(answer.body());
        } catch (DicomException e) {
            Code code = e.code() == DicomException.Code.TOO_LARGE ? Code.TOO_LARGE : Code.BAD_ANSWER;
            throw new StudySourceException(code, "the archive's answer is no DICOM JSON: " + e.code(), e);
        } catch (BodyStream.BodyTooLargeException e) {
            throw new StudySourceException(Code.TOO_LARGE, "the archive's answer is over the limit", e);
        } catch (HttpTimeoutException e) {
            throw new StudySourceException(Code.TIMEOUT, "the archive's answer stalled", e);
        } catch (IOException e) {
            throw new StudySourceException(Code.UNREACHABLE, "the archive's answer broke off", e);
        }
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
