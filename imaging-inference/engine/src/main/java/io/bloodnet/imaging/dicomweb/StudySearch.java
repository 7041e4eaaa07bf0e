package io.bloodnet.imaging.dicomweb;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.json.DicomJson;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.series.SeriesSelection;
import io.bloodnet.imaging.study.FactsReader;
import io.bloodnet.imaging.study.StudySource.SeriesListing;
import io.bloodnet.imaging.study.StudySource.StudyListing;
import io.bloodnet.imaging.study.StudySource.StudyLookup;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.imaging.study.StudySourceException.Code;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** QIDO-RS (PS3.18 10.6). Every answer is held against what was asked: archives ignore parameters that they do not know. */
final class StudySearch {

    static final String JSON = "application/dicom+json";
    static final String PLAIN_JSON = "application/json";

    /** Results asked for at once: archives refuse pages of more than 200 and smaller ones, too, and one page of a study's series is the rule. */
    private static final int PAGE = 100;

    /** Studies that may answer to one key. */
    private static final int MATCHES_MAX = 100;

    /** Studies of some days that are read; a large hospital makes a few hundred CTs a day. */
    private static final int RECENT_MAX = 1_000;

    private static final int SERIES_MAX = 1_000;

    private static final int NOT_ACCEPTABLE = 406;
    private static final int BAD_REQUEST = 400;

    private static final String STUDY_FIELDS = "&includefield=00080050&includefield=00100010&includefield=00100020"
            + "&includefield=00100021&includefield=00100030&includefield=00100040&includefield=00201206&includefield=00201208";

    private final ArchiveHttp http;
    private final DicomJson json;
    private final DicomWebSettings.Whole whole;

    /** What the archive answers in; learned from a 406. */
    private volatile String accept = JSON;

    /** @param whole what one request, and one search over its pages, may take in all */
    StudySearch(ArchiveHttp http, DicomJson json, DicomWebSettings.Whole whole) {
        this.http = http;
        this.json = json;
        this.whole = whole;
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

    /**
     * Which of these studies are there: list of UID matching (PS3.4 C.2.2.2.2), in DICOMweb with commas (PS3.18 8.3.4.1). An archive that
     * ignores it, or that answers with anything else, tells nothing.
     */
    Set<StudyUid> present(List<StudyUid> asked) {
        String list = asked.stream().map(StudyUid::value).collect(Collectors.joining(","));
        Set<String> answered = new HashSet<>();
        try {
            for (DicomObject study : ask("/studies?StudyInstanceUID=" + list + "&limit=" + PAGE)) {
                study.string(Tag.STUDY_INSTANCE_UID).ifPresent(answered::add);
            }
        } catch (DicomException e) {
            throw new StudySourceException(Code.BAD_ANSWER, "the archive's list of studies is broken", e);
        }
        return asked.stream().filter(uid -> answered.contains(uid.value())).collect(Collectors.toSet());
    }

    /** Accession numbers of the CT studies of some days (QIDO-RS range matching, PS3.4 C.2.2.2.5), at most {@link #RECENT_MAX}. */
    Set<String> accessions(LocalDate from, LocalDate to) {
        String days = DateTimeFormatter.BASIC_ISO_DATE.format(from) + "-" + DateTimeFormatter.BASIC_ISO_DATE.format(to);
        String query = "/studies?StudyDate=" + days + "&ModalitiesInStudy=CT&includefield=00080050";
        Set<String> found = new HashSet<>();
        try {
            for (DicomObject study : pages(query, RECENT_MAX, 0)) {
                study.string(Tag.ACCESSION_NUMBER).map(String::strip).ifPresent(found::add);
            }
        } catch (DicomException e) {
            throw new StudySourceException(Code.BAD_ANSWER, "the archive's list of studies is broken", e);
        }
        return found;
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
        List<DicomObject> answers = pages("/studies?" + key + "=" + encode(value) + STUDY_FIELDS, MATCHES_MAX + 1, 0);
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
            List<SeriesListing> series = series(uid, count(study, Tag.NUMBER_OF_STUDY_RELATED_SERIES, 0));
            int counted = series.stream().mapToInt(SeriesListing::instanceCount).sum();
            int instances = count(study, Tag.NUMBER_OF_STUDY_RELATED_INSTANCES, counted);
            return new StudyListing(uid, FactsReader.patient(study), FactsReader.accession(study), series, instances);
        } catch (DicomException | IllegalArgumentException e) {
            throw new StudySourceException(Code.BAD_ANSWER, "the archive's list of studies is broken", e);
        }
    }

    private List<SeriesListing> series(StudyUid studyUid, int counted) {
        List<SeriesListing> series = new ArrayList<>();
        String query = "/studies/" + studyUid + "/series?includefield=0008103E&includefield=00201209";
        List<DicomObject> answers = pages(query, SERIES_MAX + 1, counted);
        if (answers.size() > SERIES_MAX) {
            throw new StudySourceException(Code.TOO_LARGE, "the archive listed more than " + SERIES_MAX + " series");
        }
        for (DicomObject answer : answers) {
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
                    count(answer, Tag.NUMBER_OF_SERIES_RELATED_INSTANCES, 0)));
        }
        return series;
    }

    /** A count that is no number counts as none: it is only a hint of what there is. */
    private static int count(DicomObject answer, int tag, int otherwise) {
        try {
            return answer.integer(tag).orElse(otherwise);
        } catch (DicomException e) {
            return otherwise;
        }
    }

    /** Whether the archive lists this very instance in its study. */
    boolean hasInstance(StudyUid studyUid, String sopInstanceUid) {
        String query = "/studies/" + studyUid + "/instances?SOPInstanceUID=" + sopInstanceUid;
        return pages(query, MATCHES_MAX, 0).stream()
                .anyMatch(instance ->
                        instance.string(Tag.SOP_INSTANCE_UID).orElse("").equals(sopInstanceUid));
    }

    /**
     * All results of a search, page by page (PS3.18 8.3.4.4). Another page is asked for after a full one and after a warning that there is
     * more; one that brings nothing new is the last, whatever was asked: some archives know no offset.
     *
     * @param query path with at least one parameter
     * @param max no more than these are asked for; the result has more only when the archive sends more
     * @param counted how many there are as the archive says elsewhere: some cut a page and say nothing; 0 when it does not say
     */
    List<DicomObject> pages(String query, int max, int counted) {
        List<DicomObject> all = new ArrayList<>();
        Set<DicomObject> seen = new HashSet<>();
        String limit = "&limit=" + Math.min(PAGE, max);
        boolean more = true;
        long end = System.nanoTime() + whole.search().toNanos();
        while (more && all.size() < max) {
            if (System.nanoTime() - end > 0) {
                throw new StudySourceException(Code.TIMEOUT, "the pages of a search did not come in time");
            }
            String offset = all.isEmpty() ? "" : "&offset=" + all.size();
            Page page = page(query + limit + offset);
            if (page.status() == BAD_REQUEST && !limit.isEmpty()) {
                limit = ""; // its own page size, then
                continue;
            }
            List<DicomObject> fresh = page.results().stream()
                    .filter(result -> !seen.contains(result))
                    .toList();
            all.addAll(fresh);
            seen.addAll(fresh);
            boolean full = limit.isEmpty() || page.results().size() >= Math.min(PAGE, max);
            more = !fresh.isEmpty() && (page.warnsOfMore() || full || all.size() < counted);
        }
        return all;
    }

    /** SOP Instance UIDs of a series; empty when the archive does not list them. */
    Set<String> instances(StudyUid studyUid, String seriesUid) {
        String query = "/studies/" + studyUid + "/series/" + seriesUid + "/instances?includefield=00080018";
        try {
            return pages(query, SeriesSelection.SOURCE_SLICES_MAX, 0).stream()
                    .flatMap(answer -> answer.string(Tag.SOP_INSTANCE_UID).stream())
                    .collect(Collectors.toSet());
        } catch (StudySourceException e) {
            if (e.code() == Code.REFUSED) {
                return Set.of();
            }
            throw e;
        }
    }

    /** Data sets of a JSON answer; nothing found is an empty list, however the archive says it. */
    List<DicomObject> ask(String path) {
        Page page = page(path);
        if (page.status() == BAD_REQUEST) {
            throw new StudySourceException(Code.REFUSED, "a search was answered with HTTP status " + BAD_REQUEST);
        }
        return page.results();
    }

    /**
     * One answer.
     *
     * @param status as it came; results are empty for 204, 400 and 404
     */
    private record Page(int status, List<DicomObject> results, boolean warnsOfMore) {}

    private Page page(String path) {
        String asked = accept;
        try (ArchiveHttp.Answer answer =
                http.get(path, asked, path.endsWith("/metadata") ? whole.headers() : whole.search())) {
            if (answer.status() == NOT_ACCEPTABLE && asked.equals(JSON)) {
                accept = PLAIN_JSON;
                return page(path);
            }
            if (Set.of(204, 404, BAD_REQUEST).contains(answer.status())) {
                return new Page(answer.status(), List.of(), false);
            }
            if (!answer.ok()) {
                throw answer.failure("a search");
            }
            if (!Set.of(JSON, PLAIN_JSON).contains(answer.type().name())) {
                throw new StudySourceException(Code.BAD_ANSWER, "the archive's answer is no DICOM JSON");
            }
            return new Page(answer.status(), json.read(answer.content()), answer.hasMore());
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
