package io.bloodnet.imaging.study;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.growing.GrowingStudy;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.series.SeriesHeaders;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A source for one look at a study that is looked at more than once: what came before is not fetched again. An image that was given in
 * this look and is asked for once more was no good; that one is fetched. Used by one thread.
 */
final class KeptImages implements SeriesImages {

    private final SeriesImages source;
    private final GrowingStudy study;
    private final DicomReader reader;
    private final boolean more;
    private final Set<String> given = new HashSet<>();
    private int fetched;
    private long bytes;

    /**
     * @param more whether the study will be looked at again: what comes is kept for that. The last look asks for all headers anew and keeps
     *     nothing.
     */
    KeptImages(SeriesImages source, GrowingStudy study, DicomLimits limits, boolean more) {
        this.source = source;
        this.study = study;
        this.reader = new DicomReader(limits);
        this.more = more;
    }

    @Override
    public List<SeriesHeaders> headers(StudySource.StudyListing listing) {
        Map<String, SeriesHeaders> known = new HashMap<>();
        List<StudySource.SeriesListing> unknown = new ArrayList<>();
        for (StudySource.SeriesListing series : listing.series()) {
            Optional<SeriesHeaders> kept =
                    more ? study.headers(series.seriesUid(), series.instanceCount()) : Optional.empty();
            kept.ifPresentOrElse(headers -> known.put(series.seriesUid(), headers), () -> unknown.add(series));
        }
        StudySource.StudyListing asked = new StudySource.StudyListing(
                listing.studyUid(), listing.patient(), listing.accession(), unknown, listing.instanceCount());
        for (SeriesHeaders read : unknown.isEmpty() ? List.<SeriesHeaders>of() : source.headers(asked)) {
            known.put(read.seriesUid(), read);
            if (more && read.refusal() == null && read.instancesRead() == read.instanceCount()) {
                study.keep(read);
            }
        }
        return listing.series().stream()
                .map(series -> known.get(series.seriesUid()))
                .toList();
    }

    @Override
    public void readSeries(StudyUid studyUid, String seriesUid, Encoding encoding, Sink sink) {
        List<String> kept = study.kept(seriesUid);
        if (kept.isEmpty()) {
            source.readSeries(studyUid, seriesUid, encoding, part10 -> took(seriesUid, part10, sink));
            return;
        }
        for (String instance : kept) {
            give(seriesUid, instance, sink);
        }
    }

    @Override
    public void readInstance(StudyUid studyUid, String seriesUid, String sopInstanceUid, Encoding encoding, Sink sink) {
        if (given.contains(sopInstanceUid) || !give(seriesUid, sopInstanceUid, sink)) {
            source.readInstance(studyUid, seriesUid, sopInstanceUid, encoding, part10 -> took(seriesUid, part10, sink));
        }
    }

    private boolean give(String seriesUid, String sopInstanceUid, Sink sink) {
        Optional<byte[]> image = study.image(seriesUid, sopInstanceUid);
        image.ifPresent(part10 -> {
            given.add(sopInstanceUid);
            sink.take(part10);
        });
        return image.isPresent();
    }

    private void took(String seriesUid, byte[] part10, Sink sink) {
        fetched++;
        bytes += part10.length;
        if (more) {
            try {
                String uid = reader.read(part10).dataSet().requiredUid(Tag.SOP_INSTANCE_UID);
                study.keep(seriesUid, uid, part10);
                given.add(uid);
            } catch (DicomException e) {
                // the taker says so, too, and asks for it again
            }
        }
        sink.take(part10);
    }

    /** The answer of this look, with what was fetched in it and not what it saw. */
    StudyAnalyzer.Analysis counted(StudyAnalyzer.Analysis a) {
        return new StudyAnalyzer.Analysis(a.finding(), a.facts(), fetched, bytes, a.mask(), a.keyImagePng(), a.firm());
    }
}
