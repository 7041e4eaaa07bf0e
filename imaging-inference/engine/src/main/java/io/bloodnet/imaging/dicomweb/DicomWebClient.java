package io.bloodnet.imaging.dicomweb;

import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.json.DicomJson;
import io.bloodnet.imaging.dicom.json.DicomXml;
import io.bloodnet.imaging.finding.Destination;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.MaskStore;
import io.bloodnet.imaging.study.SeriesImages;
import io.bloodnet.imaging.study.StudySource;
import io.bloodnet.imaging.study.StudySourceException;
import java.io.IOException;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The archive over DICOMweb: QIDO-RS, WADO-RS, STOW-RS. Safe for many threads. Construction dials nothing. */
public final class DicomWebClient implements StudySource, MaskStore, AutoCloseable {

    private final DicomWebSettings settings;
    private final ArchiveHttp http;
    private final StudySearch search;
    private final MaskUpload upload;
    private final DicomWebImages images;

    public DicomWebClient(DicomWebSettings settings, DicomLimits limits) {
        this(settings, limits, Thread::sleep);
    }

    DicomWebClient(DicomWebSettings settings, DicomLimits limits, ArchiveHttp.Pause pause) {
        this.settings = settings;
        this.http = new ArchiveHttp(settings, pause);
        DicomJson json = new DicomJson(limits);
        this.search = new StudySearch(http, json, settings.whole());
        this.upload = new MaskUpload(
                http, search, json, new DicomXml(limits), settings.whole().upload());
        this.images = new DicomWebImages(http, search, limits, settings.whole());
    }

    @Override
    public StudyLookup find(@Nullable StudyUid studyUid, @Nullable AccessionNumber accession, PatientId patient) {
        return search.find(studyUid, accession, patient);
    }

    @Override
    public Set<StudyUid> present(List<StudyUid> asked) {
        return search.present(asked);
    }

    @Override
    public Set<String> accessions(LocalDate from, LocalDate to) {
        return search.accessions(from, to);
    }

    @Override
    public Set<String> instances(StudyUid studyUid, String seriesUid) {
        return search.instances(studyUid, seriesUid);
    }

    @Override
    public boolean reachable() {
        try (ArchiveHttp.Answer answer = http.getOnce("/studies?limit=1", StudySearch.JSON)) {
            return answer.ok();
        } catch (IOException | StudySourceException e) {
            return false;
        }
    }

    @Override
    public Destination.Outcome store(StudyUid studyUid, String sopInstanceUid, byte[] seg) {
        return upload.store(studyUid, sopInstanceUid, seg);
    }

    @Override
    public String url(StudyUid studyUid, String seriesUid, String sopInstanceUid) {
        return settings.baseUrl() + "/studies/" + studyUid + "/series/" + seriesUid + "/instances/" + sopInstanceUid;
    }

    public SeriesImages images() {
        return images;
    }

    @Override
    public void close() {
        http.close();
    }
}
