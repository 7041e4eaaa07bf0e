package io.bloodnet.imaging.folder;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.folder.BadFolderException.Code;
import io.bloodnet.imaging.geometry.SlicePlace;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.series.SeriesHeaders;
import io.bloodnet.imaging.series.SeriesRefusal;
import io.bloodnet.imaging.series.SliceHeader;
import io.bloodnet.imaging.series.SliceHeaders;
import io.bloodnet.imaging.study.FactsReader;
import io.bloodnet.imaging.study.HeaderGathering;
import io.bloodnet.imaging.study.SeriesImages;
import io.bloodnet.imaging.study.StudySource;
import io.bloodnet.imaging.study.StudySourceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One study in a folder and the folders below it. Scanning reads every file once and keeps headers only; pixels are read again for the
 * chosen series. Files that are no DICOM are counted and left alone. A damaged DICOM file makes its series incomplete; where its series
 * cannot be known, the study.
 */
public final class FolderStudy implements SeriesImages {

    private static final int FILES_MAX = 20_000;
    private static final int DEPTH_MAX = 8;

    /** SOP Class UIDs of images and documents (PS3.4 B.5); the part behind the common root. */
    private static final Pattern STORAGE_CLASS = Pattern.compile("1\\.2\\.840\\.10008\\.5\\.1\\.4\\.1\\.1\\.([0-9.]+)");

    /** Series Instance UID (0020,000E) in little endian: tag, then VR and length or length alone, then the value. */
    private static final Pattern SERIES_UID = Pattern.compile("\\x20\\x00\\x0E\\x00.{4}([0-9.]{5,64})", Pattern.DOTALL);

    /** CT, Enhanced CT and Legacy Converted Enhanced CT Image Storage. */
    private static final Set<String> CT_CLASSES = Set.of("2", "2.1", "2.2");

    /** The class stands in the meta information or near the begin of the data set. */
    private static final int CLASS_WITHIN_BYTES = 16_384;

    private static final Set<String> IMAGE_EXTENSIONS = Set.of("dcm", "dicom", "dic", "ima");

    /** Less is no slice, bytes. */
    private static final int SLICE_BYTES_MIN = 32 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(FolderStudy.class);

    private final DicomReader reader;
    private final DicomLimits limits;
    private final Map<String, HeaderGathering> series = new TreeMap<>();
    private final Map<String, Path> files = new HashMap<>();
    private int ignored;
    private final Map<String, Integer> damagedOfSeries = new TreeMap<>();
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
    public static FolderStudy scan(Path folder, DicomLimits limits) {
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
                    "the folder holds no readable DICOM image: " + (study.damaged + study.damagedInSeries())
                            + " damaged DICOM files, "
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
        try {
            if (Files.size(file) > limits.maxInstanceBytes()) {
                unread(start(file));
                return;
            }
            byte[] bytes = Files.readAllBytes(file);
            try {
                add(file, reader.read(bytes).dataSet());
            } catch (DicomException e) {
                if (e.code() == DicomException.Code.NOT_DICOM && !isNamedAsImage(file, bytes)) {
                    ignored++;
                } else {
                    unread(bytes);
                }
            }
        } catch (IOException e) {
            damaged++;
        }
    }

    /**
     * A file that cannot be read may be the slice with the bleed, unless it says that it is no CT image. Where it says which series it is of,
     * only that one is incomplete.
     */
    private void unread(byte[] bytes) {
        String text = new String(bytes, 0, Math.min(bytes.length, CLASS_WITHIN_BYTES), StandardCharsets.ISO_8859_1);
        Matcher sopClass = STORAGE_CLASS.matcher(text);
        Matcher uid = SERIES_UID.matcher(text);
        if (sopClass.find() && !CT_CLASSES.contains(sopClass.group(1))) {
            LOG.info("a file that cannot be read is no CT image ({}), next: without it", sopClass.group(1));
            ignored++;
        } else if (uid.find()) {
            damagedOfSeries.merge(uid.group(1), 1, Integer::sum);
        } else {
            damaged++;
        }
    }

    private static byte[] start(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(CLASS_WITHIN_BYTES);
        }
    }

    /**
     * A disk that loses blocks leaves files of zeros, and discs name images without an extension; the halves that other systems put beside a
     * file are no images.
     */
    private static boolean isNamedAsImage(Path file, byte[] bytes) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (bytes.length == 0 || name.startsWith(".")) {
            return false;
        }
        int dot = name.lastIndexOf('.');
        return dot < 0 ? bytes.length >= SLICE_BYTES_MIN : IMAGE_EXTENSIONS.contains(name.substring(dot + 1));
    }

    private void add(Path file, DicomObject dataSet) {
        if (!dataSet.contains(Tag.SERIES_INSTANCE_UID)) {
            // DICOMDIR and the like are DICOM, but no instance of a study.
            ignored++;
            return;
        }
        SliceHeader header = SliceHeaders.ofInstance(dataSet).getFirst();
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
            series.computeIfAbsent(header.seriesUid(), HeaderGathering::new).add(dataSet);
        }
    }

    /** The study as an archive would list it. */
    public StudySource.StudyListing listing() {
        List<StudySource.SeriesListing> listed = new ArrayList<>();
        series.forEach((uid, gathered) -> listed.add(new StudySource.SeriesListing(
                uid, null, gathered.slices().getFirst().seriesDescription(), gathered.instances())));
        if (studyUid == null) {
            throw new IllegalStateException("a folder without a study is refused at scanning");
        }
        return new StudySource.StudyListing(studyUid, patient, accession, listed, files.size());
    }

    /** Slices of a series that say where they lie; none for null. */
    List<SlicePlace> places(@Nullable String seriesUid) {
        List<SlicePlace> places = new ArrayList<>();
        for (SliceHeader slice : seriesUid == null ? List.<SliceHeader>of() : slices(seriesUid)) {
            if (slice.plane() != null) {
                places.add(new SlicePlace(slice.id(), slice.rows(), slice.columns(), slice.plane()));
            }
        }
        return places;
    }

    private int damagedInSeries() {
        return damagedOfSeries.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Files that start like DICOM, cannot be read and do not say which series they are of. */
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
        series.forEach((uid, gathered) ->
                headers.add(gathered.headers(gathered.instances() + damagedOfSeries.getOrDefault(uid, 0))));
        damagedOfSeries.forEach((uid, count) -> {
            if (!series.containsKey(uid)) {
                headers.add(new SeriesHeaders(uid, List.of(), count, SeriesRefusal.UNREADABLE));
            }
        });
        return headers;
    }

    private List<SliceHeader> slices(String seriesUid) {
        HeaderGathering gathered = series.get(seriesUid);
        return gathered == null ? List.of() : gathered.slices();
    }

    @Override
    public void readSeries(StudyUid study, String seriesUid, Encoding encoding, Sink sink) {
        slices(seriesUid).stream()
                .map(SliceHeader::sopInstanceUid)
                .distinct()
                .forEach(uid -> readInstance(study, seriesUid, uid, encoding, sink));
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
