package io.bloodnet.imaging.study;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.BadFolderException.Code;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One study in a folder and the folders below it. Scanning reads every file once and keeps headers only; pixels are read again for the
 * chosen series. Files that are no DICOM are counted and left alone; damaged DICOM files are counted and make the study incomplete.
 */
final class FolderStudy implements SeriesImages {

    private static final int FILES_MAX = 20_000;
    private static final int DEPTH_MAX = 8;

    private static final Set<String> SLICE_EXTENSIONS = Set.of("dcm", "dicom", "dic", "ima");

    /** Less is no slice, bytes. */
    private static final int SLICE_BYTES_MIN = 32 << 10;

    /** Reports, key objects, presentation states, segmentations, documents: what a head CT is never among. */
    private static final Set<String> OTHER_MODALITIES = Set.of("SR", "KO", "PR", "SEG", "DOC", "REG", "RTSTRUCT", "AU");

    private final DicomReader reader;
    private final DicomLimits limits;
    private final Map<String, List<SliceHeader>> series = new TreeMap<>();
    private final Map<String, Path> files = new HashMap<>();
    private int ignored;
    private int damaged;
    private @Nullable StudyUid studyUid;
    private @Nullable String patientId;
    private @Nullable Patient patient;
    private @Nullable AccessionNumber accession;

    private FolderStudy(DicomLimits limits) {
        this.limits = limits;
        this.reader = new DicomReader(limits);
    }

    /** @throws BadFolderException when it is not one study */
    static FolderStudy scan(Path folder, DicomLimits limits) {
        if (!Files.isDirectory(folder)) {
            throw new BadFolderException(Code.NOT_A_FOLDER, "there is no folder of that name");
        }
        FolderStudy study = new FolderStudy(limits);
        for (Path file : study.list(folder)) {
            study.add(file);
        }
        if (study.studyUid == null) {
            throw new BadFolderException(
                    Code.NO_DICOM,
                    "the folder holds no readable DICOM image: " + study.damaged + " damaged DICOM files, "
                            + study.ignored + " other files");
        }
        return study;
    }

    private List<Path> list(Path folder) {
        try (Stream<Path> found = Files.walk(folder, DEPTH_MAX, FileVisitOption.FOLLOW_LINKS)) {
            List<Path> regular = found.filter(Files::isRegularFile)
                    .limit(FILES_MAX + 1L)
                    .sorted()
                    .toList();
            if (regular.size() > FILES_MAX) {
                throw new BadFolderException(Code.TOO_MANY_FILES, "the folder holds more than " + FILES_MAX + " files");
            }
            return regular;
        } catch (IOException | UncheckedIOException e) {
            throw new BadFolderException(
                    Code.NOT_A_FOLDER,
                    "the folder cannot be listed: it is not readable, or a link in it leads back to it",
                    e);
        }
    }

    private void add(Path file) {
        long size = 0;
        try {
            size = Files.size(file);
            if (size > limits.maxInstanceBytes()) {
                ignored++;
                return;
            }
            add(file, reader.read(Files.readAllBytes(file)).dataSet());
        } catch (DicomException e) {
            if (e.code() == DicomException.Code.NOT_DICOM && !namedLikeASlice(file, size)) {
                ignored++;
            } else {
                damaged++;
            }
        } catch (IOException e) {
            damaged++;
        }
    }

    /**
     * Whether a file that is no DICOM is there in a slice's place: it has a name as DICOM files have, or one without an extension as discs
     * have, and more than nothing in it. It may be the slice with the bleed.
     */
    private static boolean namedLikeASlice(Path file, long size) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.startsWith(".") || size == 0) {
            return false;
        }
        int dot = name.lastIndexOf('.');
        return dot < 0 ? size >= SLICE_BYTES_MIN : SLICE_EXTENSIONS.contains(name.substring(dot + 1));
    }

    private void add(Path file, DicomObject dataSet) {
        if (!dataSet.contains(Tag.SERIES_INSTANCE_UID)) {
            // DICOMDIR and the like are DICOM, but no instance of a study.
            ignored++;
            return;
        }
        SliceHeader header;
        try {
            header = SliceHeaders.of(dataSet);
        } catch (DicomException e) {
            if (OTHER_MODALITIES.contains(
                    dataSet.string(Tag.MODALITY).orElse("").strip())) {
                // A broken report beside the images takes no slice away.
                ignored++;
                return;
            }
            throw e;
        }
        String id = dataSet.string(Tag.PATIENT_ID).orElse("").strip();
        if (studyUid == null) {
            studyUid = new StudyUid(header.studyUid());
            patientId = id;
            patient = FactsReader.patient(dataSet);
            accession = FactsReader.accession(dataSet);
        }
        if (!studyUid.value().equals(header.studyUid())) {
            throw new BadFolderException(Code.SEVERAL_STUDIES, "the folder holds more than one study");
        }
        if (!id.equals(patientId)) {
            throw new BadFolderException(Code.SEVERAL_PATIENTS, "the folder holds images of more than one patient");
        }
        if (files.putIfAbsent(header.sopInstanceUid(), file) == null) {
            series.computeIfAbsent(header.seriesUid(), _ -> new ArrayList<>()).add(header);
        }
    }

    /** The study as an archive would list it. */
    StudySource.StudyListing listing() {
        List<StudySource.SeriesListing> listed = new ArrayList<>();
        series.forEach((uid, slices) -> listed.add(
                new StudySource.SeriesListing(uid, null, slices.getFirst().seriesDescription(), slices.size())));
        if (studyUid == null) {
            throw new IllegalStateException("a folder without a study is refused at scanning");
        }
        return new StudySource.StudyListing(studyUid, patient, accession, listed, files.size());
    }

    /** Slices of a series that say where they lie; none for null. */
    List<SlicePlace> places(@Nullable String seriesUid) {
        List<SlicePlace> places = new ArrayList<>();
        for (SliceHeader slice :
                seriesUid == null ? List.<SliceHeader>of() : series.getOrDefault(seriesUid, List.of())) {
            if (slice.plane() != null) {
                places.add(new SlicePlace(slice.sopInstanceUid(), slice.rows(), slice.columns(), slice.plane()));
            }
        }
        return places;
    }

    /** Files that start like DICOM and cannot be read. */
    int damaged() {
        return damaged;
    }

    /** Files that are no DICOM instance. */
    int ignored() {
        return ignored;
    }

    @Override
    public List<SeriesHeaders> headers(StudySource.StudyListing listing) {
        List<SeriesHeaders> headers = new ArrayList<>();
        series.forEach((uid, slices) -> headers.add(new SeriesHeaders(uid, slices, slices.size())));
        return headers;
    }

    @Override
    public void readSeries(StudyUid study, String seriesUid, Encoding encoding, Sink sink) {
        for (SliceHeader slice : series.getOrDefault(seriesUid, List.of())) {
            readInstance(study, seriesUid, slice.sopInstanceUid(), encoding, sink);
        }
    }

    @Override
    public void readInstance(StudyUid study, String seriesUid, String sopInstanceUid, Encoding encoding, Sink sink) {
        Path file = files.get(sopInstanceUid);
        if (file == null) {
            return;
        }
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new StudySourceException(
                    StudySourceException.Code.UNREACHABLE, "a file of the folder cannot be read any more", e);
        }
        sink.take(bytes);
    }
}
