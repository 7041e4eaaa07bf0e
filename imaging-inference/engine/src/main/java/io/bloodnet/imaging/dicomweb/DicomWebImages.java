package io.bloodnet.imaging.dicomweb;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.series.SeriesHeaders;
import io.bloodnet.imaging.series.SeriesRefusal;
import io.bloodnet.imaging.series.SeriesSelection;
import io.bloodnet.imaging.series.SliceHeader;
import io.bloodnet.imaging.study.HeaderGathering;
import io.bloodnet.imaging.study.Patience;
import io.bloodnet.imaging.study.SeriesImages;
import io.bloodnet.imaging.study.StudySource;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.imaging.study.StudySourceException.Code;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * WADO-RS (PS3.18 10.4). Addresses are made from UIDs only: what an answer names as BulkDataURI or RetrieveURL is never contacted.
 */
final class DicomWebImages implements SeriesImages {

    /** Parts of one series; more is no head CT. */
    private static final int PARTS_MAX = 2 * SeriesSelection.SOURCE_SLICES_MAX;

    /** One Part 10 file without a multipart body: what some archives answer, and what others want to be asked for. */
    private static final String SINGLE = "application/dicom";

    /** Answers that may mean: not in the form that was asked for. */
    private static final Set<Integer> NOT_THIS_FORM = Set.of(400, 406, 415);

    /** Faults of one series' answer; others are the archive's. */
    private static final Set<Code> OF_ONE_SERIES = Set.of(Code.BAD_ANSWER, Code.TOO_LARGE, Code.REFUSED);

    private static final Logger LOG = LoggerFactory.getLogger(DicomWebImages.class);

    private final ArchiveHttp http;
    private final StudySearch search;
    private final DicomLimits limits;
    private final DicomWebSettings.Whole whole;

    /** @param whole what one series, and one instance, may take in all */
    DicomWebImages(ArchiveHttp http, StudySearch search, DicomLimits limits, DicomWebSettings.Whole whole) {
        this.whole = whole;
        this.http = http;
        this.search = search;
        this.limits = limits;
    }

    @Override
    public List<SeriesHeaders> headers(StudySource.StudyListing listing) {
        List<SeriesHeaders> headers = new ArrayList<>();
        StudySourceException failure = null;
        for (StudySource.SeriesListing series : listing.series()) {
            try {
                headers.add(headers(listing.studyUid(), series));
            } catch (StudySourceException e) {
                if (!OF_ONE_SERIES.contains(e.code())) {
                    throw e;
                }
                LOG.info("headers of a series cannot be had ({}), next: without it", e.code());
                SeriesRefusal refusal = e.code() == Code.TOO_LARGE ? SeriesRefusal.TOO_LARGE : SeriesRefusal.UNREADABLE;
                headers.add(new SeriesHeaders(series.seriesUid(), List.of(), series.instanceCount(), refusal));
                failure = e;
            }
        }
        // A study of which nothing can be read is asked for again; one with a broken neighbour is not held up by it.
        if (failure != null
                && headers.stream().allMatch(series -> series.slices().isEmpty())) {
            throw failure;
        }
        return headers;
    }

    private SeriesHeaders headers(StudyUid studyUid, StudySource.SeriesListing series) {
        boolean ruledOut = series.modality() != null && !series.modality().equals("CT")
                || series.instanceCount() > SeriesSelection.SOURCE_SLICES_MAX;
        HeaderGathering gathering = new HeaderGathering(series.seriesUid());
        if (!ruledOut) {
            metadata(studyUid, series, gathering);
        }
        return gathering.headers(series.instanceCount());
    }

    private void metadata(StudyUid studyUid, StudySource.SeriesListing series, HeaderGathering gathering) {
        String seriesUid = series.seriesUid();
        for (DicomObject dataSet : dataSets(path(studyUid, seriesUid), series.instanceCount())) {
            SliceHeader slice;
            try {
                slice = gathering.add(dataSet).getFirst();
            } catch (DicomException e) {
                throw new StudySourceException(Code.BAD_ANSWER, "the archive's metadata are broken: " + e.code(), e);
            }
            if (!slice.studyUid().equals(studyUid.value()) || !slice.seriesUid().equals(seriesUid)) {
                throw new StudySourceException(Code.BAD_ANSWER, "the archive sent metadata of another series");
            }
        }
    }

    /** Metadata of the whole series, else of its instances one by one; a listed series never passes for an empty one. */
    private List<DicomObject> dataSets(String path, int listed) {
        List<DicomObject> whole;
        try {
            whole = search.ask(path + "/metadata");
        } catch (StudySourceException e) {
            if (e.code() != Code.REFUSED) {
                throw e;
            }
            whole = List.of();
        }
        if (!whole.isEmpty() || listed == 0) {
            return whole;
        }
        LOG.info("the archive gives no metadata of a whole series, next: one by one");
        List<DicomObject> single = new ArrayList<>();
        for (DicomObject instance : search.pages(path + "/instances?includefield=00080018", PARTS_MAX, listed)) {
            String uid = instance.requiredUid(Tag.SOP_INSTANCE_UID);
            single.addAll(search.ask(path + "/instances/" + uid + "/metadata"));
        }
        if (single.isEmpty()) {
            throw new StudySourceException(
                    Code.BAD_ANSWER, "the archive lists " + listed + " instances of a series and gives none");
        }
        return single;
    }

    @Override
    public void readSeries(StudyUid studyUid, String seriesUid, Encoding encoding, Sink sink) {
        try (ArchiveHttp.Answer answer = http.get(path(studyUid, seriesUid), accept(encoding), whole.images())) {
            if (!answer.ok()) {
                throw answer.failure("a series");
            }
            readParts(answer, PARTS_MAX, sink);
        }
    }

    @Override
    public void readInstance(StudyUid studyUid, String seriesUid, String sopInstanceUid, Encoding encoding, Sink sink) {
        String path = path(studyUid, seriesUid) + "/instances/" + sopInstanceUid;
        int status = readInstance(path, accept(encoding), sink);
        if (NOT_THIS_FORM.contains(status)) {
            status = readInstance(path, SINGLE + "; transfer-syntax=" + syntax(encoding), sink);
        }
        if (encoding == Encoding.AS_STORED
                && (status == 429 || status >= 500 && status != ArchiveHttp.NOT_IMPLEMENTED)) {
            // "Not now" is bad weather, and no word about the instance; decompressed it might just be beyond the
            // archive.
            throw new StudySourceException(Code.BUSY, "an instance was answered with HTTP status " + status);
        }
        if (status >= 300) {
            LOG.info("an instance was answered with HTTP status {}, next: without it", status);
        }
    }

    private int readInstance(String path, String accept, Sink sink) {
        try (ArchiveHttp.Answer answer = http.get(path, accept, whole.images())) {
            if (answer.ok()) {
                readParts(answer, 1, sink);
            }
            return answer.status();
        }
    }

    private static String path(StudyUid studyUid, String seriesUid) {
        return "/studies/" + studyUid + "/series/" + seriesUid;
    }

    private static String accept(Encoding encoding) {
        return "multipart/related; type=\"" + SINGLE + "\"; transfer-syntax=" + syntax(encoding);
    }

    private static String syntax(Encoding encoding) {
        return switch (encoding) {
            case DECOMPRESSED -> "1.2.840.10008.1.2.1";
            case AS_STORED -> "*";
        };
    }

    /**
     * Gives what comes whole. A series that breaks off is no failure here: the rest is asked for one by one. An instance that breaks off is
     * bad weather and no word of the archive about its images.
     */
    private void readParts(ArchiveHttp.Answer answer, int partsMax, Sink sink) {
        int parts = 0;
        try {
            MediaType type = answer.type();
            if (type.name().equals(SINGLE)) {
                single(answer).ifPresent(sink::take);
                return;
            }
            if (!type.name().equals("multipart/related")) {
                LOG.info("the archive sent no multipart body, next: one by one");
                return;
            }
            MultipartReader reader = new MultipartReader(
                    answer.content(), type.parameter("boundary").orElse(""), partsMax, limits.maxInstanceBytes());
            for (Optional<byte[]> part = reader.next(); part.isPresent(); part = reader.next()) {
                parts++;
                sink.take(part.get());
            }
        } catch (BodyStream.BodyTooLargeException e) {
            throw new StudySourceException(Code.TOO_LARGE, "the series is over the limit of bytes", e);
        } catch (MultipartReader.MalformedException e) {
            LOG.info("the archive sent a body that is not well formed, next: one by one");
        } catch (Patience.OverException e) {
            throw new StudySourceException(Code.TIMEOUT, "the images came too slowly", e);
        } catch (HttpTimeoutException e) {
            if (partsMax == 1) {
                throw new StudySourceException(Code.TIMEOUT, "an instance stalled", e);
            }
            LOG.info("a series stalled after {} instances, next: one by one", parts);
        } catch (IOException e) {
            if (partsMax == 1) {
                throw new StudySourceException(Code.UNREACHABLE, "an instance broke off", e);
            }
            LOG.info(
                    "a series broke off after {} instances ({}), next: one by one",
                    parts,
                    e.getClass().getSimpleName());
        }
    }

    /** One instance without a multipart body around it; empty when it is over the limit. */
    private Optional<byte[]> single(ArchiveHttp.Answer answer) throws IOException {
        byte[] instance = answer.content().readNBytes(limits.maxInstanceBytes() + 1);
        return instance.length > limits.maxInstanceBytes() ? Optional.empty() : Optional.of(instance);
    }
}
