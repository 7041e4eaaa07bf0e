package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.finding.Destination;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.imaging.finding.ModelId;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.MaskStore;
import io.bloodnet.imaging.study.StudyAnalyzer;
import io.bloodnet.imaging.study.StudySource;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A PACS and a network in memory: lists what the test says, and finds what the test says. */
public final class FakePacs implements StudySource, StudyAnalyzer, MaskStore {

    static final ModelId MODEL = new ModelId("fake", "1.0.0", "ab".repeat(32));
    public static final StudyUid STUDY = new StudyUid("1.2.3.4");

    volatile StudyUid study = STUDY;
    volatile StudyLookup answer = new StudyLookup.NotFound();
    volatile double probability = 0.9;
    volatile double threshold = 0.5;
    volatile String inputDigest = "cd".repeat(32);
    volatile @Nullable NotAnalyzedReason notAnalyzed;
    volatile @Nullable Patient imaged;
    /** SOP Instance UIDs as the archive lists them; empty when it lists none. */
    volatile Set<String> instances = Set.of();

    volatile double coverageMm = 140;
    volatile List<InputFlag> flags = List.of();
    /** Slices that are judged. */
    volatile int judged = 1;
    /** Whether what is suspicious has all its neighbours. */
    volatile boolean firm = true;

    /** Called when the archive has been asked, before it answers. */
    volatile Runnable asked = () -> {};

    volatile Supplier<RuntimeException> fault = () -> null;
    public volatile Runnable during = () -> {};
    int analyses;
    final List<String> stored = new ArrayList<>();
    final Deque<Destination.Outcome> storeOutcomes = new ArrayDeque<>();

    public void has(int instances, @Nullable Patient patient) {
        hasSeries("1.2.3.4.1", instances, patient);
    }

    void hasSeries(String uid, int instances, @Nullable Patient patient) {
        answer = new StudyLookup.Found(new StudyListing(
                study,
                patient,
                new AccessionNumber("ACC1"),
                List.of(new SeriesListing(uid, "CT", null, instances)),
                instances));
    }

    /** What others add to the study: masks, reports. */
    public void alsoHas(String modality, int instances) {
        StudyListing listing = ((StudyLookup.Found) answer).listing();
        List<SeriesListing> series = new ArrayList<>(listing.series());
        series.add(new SeriesListing("1.2.3.4." + (series.size() + 1), modality, null, instances));
        answer = new StudyLookup.Found(new StudyListing(
                STUDY, listing.patient(), listing.accession(), series, listing.instanceCount() + instances));
    }

    @Override
    public StudyLookup find(@Nullable StudyUid studyUid, @Nullable AccessionNumber accession, PatientId patient) {
        asked.run();
        RuntimeException e = fault.get();
        if (e != null) {
            throw e;
        }
        return answer;
    }

    /** What lists of studies were asked for. */
    final List<List<StudyUid>> lists = new ArrayList<>();

    /** What the archive says that it has of a list. */
    volatile Set<StudyUid> present = Set.of();

    @Override
    public Set<StudyUid> present(List<StudyUid> asked) {
        lists.add(asked);
        RuntimeException e = fault.get();
        if (e != null) {
            throw e;
        }
        return present;
    }

    /** Accession numbers of the days that are asked for. */
    volatile Set<String> accessions = Set.of();

    /** Which days were asked for. */
    final List<LocalDate> days = new ArrayList<>();

    @Override
    public Set<String> accessions(LocalDate from, LocalDate to) {
        days.addAll(List.of(from, to));
        RuntimeException e = fault.get();
        if (e != null) {
            throw e;
        }
        return accessions;
    }

    @Override
    public Set<String> instances(StudyUid studyUid, String seriesUid) {
        return instances;
    }

    @Override
    public boolean reachable() {
        return true;
    }

    /** Whether looks at a study that grows leave its ends open. */
    volatile boolean opens;

    /** Whether the study grew, for each look. */
    final List<Boolean> looks = new ArrayList<>();

    @Override
    public Analysis look(StudyListing listing, Urgency urgency, boolean growing) {
        looks.add(growing);
        if (opens && growing) {
            NotAnalyzedReason reason = NotAnalyzedReason.INCOMPLETE;
            Finding none = new Finding.NotAnalyzed(listing.studyUid(), null, reason, reason.sentence());
            return new Analysis(none, StudyFacts.unknown(), 1, 1000);
        }
        return analyze(listing, urgency);
    }

    @Override
    public Analysis analyze(StudyListing listing, Urgency urgency) {
        analyses++;
        during.run();
        NotAnalyzedReason reason = notAnalyzed;
        StudyFacts facts = new StudyFacts(imaged, null, null, null, 1, 5.0, 1, 5.0);
        if (reason != null) {
            Finding none = new Finding.NotAnalyzed(listing.studyUid(), null, reason, reason.sentence());
            return new Analysis(none, facts, 1, 1000, null, null, false);
        }
        Finding finding = new Finding.Analyzed(
                listing.studyUid(),
                "1.2.3.4.1",
                probability,
                probability >= threshold ? 12.5 : 0,
                null,
                threshold,
                IntStream.rangeClosed(1, judged)
                        .mapToObj(i -> new Finding.SliceFinding("1.2.3.4.1." + i, probability, 12.5))
                        .toList(),
                MODEL,
                inputDigest,
                flags,
                "CPU",
                new Finding.Timing(1, 2, 3),
                coverageMm,
                List.of(),
                0);
        MaskDraft mask = (sop, series, at) -> ("SEG " + sop + at).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        return new Analysis(finding, facts, 1, 1000, mask, null, firm);
    }

    /** How often pixels were fetched only to compare them. */
    int comparisons;

    @Override
    public Optional<String> inputNow(StudyListing listing, Finding.Analyzed finding) {
        comparisons++;
        RuntimeException e = fault.get();
        if (e != null) {
            throw e;
        }
        return Optional.of(inputDigest);
    }

    @Override
    public Destination.Outcome store(StudyUid studyUid, String sopInstanceUid, byte[] seg) {
        Destination.Outcome next = storeOutcomes.poll();
        if (next == null || next instanceof Destination.Outcome.Delivered) {
            stored.add(sopInstanceUid);
            return new Destination.Outcome.Delivered(sopInstanceUid);
        }
        return next;
    }

    @Override
    public String url(StudyUid studyUid, String seriesUid, String sopInstanceUid) {
        return "http://pacs.example/studies/" + studyUid + "/series/" + seriesUid + "/instances/" + sopInstanceUid;
    }
}
