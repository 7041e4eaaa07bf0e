package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.finding.Destination;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.peer.Sha256;
import io.bloodnet.imaging.study.MaskStore;
import io.bloodnet.imaging.study.StudyAnalyzer;
import io.bloodnet.imaging.study.StudySource;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.imaging.study.StudySourceException.Code;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** An archive and a network in a simulated hospital: images arrive bit by bit, calls fail, masks are stored and the answer is lost. */
final class SimulatedArchive implements StudySource, StudyAnalyzer, MaskStore {

    /** Below this a study cannot be analyzed. */
    private static final int SLICES_MIN = 3;

    private final Simulation world;
    private final Map<StudyUid, Study> studies = new HashMap<>();
    /** What the archive has said of each count of slices, by the input digest of a look at them. */
    final Map<String, Look> looks = new HashMap<>();

    final Set<String> masks = new HashSet<>();

    /** A study on the archive: {@code total} slices in the end, {@code bleedAt} the first with blood, 0 for none. */
    static final class Study {
        final StudyUid uid;
        final AccessionNumber accession;
        final int total;
        final int bleedAt;
        Patient patient;
        int there;
        Instant grown;

        Study(StudyUid uid, AccessionNumber accession, Patient patient, int total, int bleedAt, Instant now) {
            this.uid = uid;
            this.accession = accession;
            this.patient = patient;
            this.total = total;
            this.bleedAt = bleedAt;
            this.grown = now;
        }
    }

    /** @param stoodStill how long at most the count had stood still when the archive was asked */
    record Look(int slices, Duration stoodStill) {}

    SimulatedArchive(Simulation world) {
        this.world = world;
    }

    void add(Study study) {
        studies.put(study.uid, study);
    }

    void arrive(Study study, int slices) {
        if (study.there < study.total) {
            study.there = Math.min(study.total, study.there + slices);
            study.grown = world.clock.instant();
        }
    }

    @Override
    public StudyLookup find(@Nullable StudyUid studyUid, @Nullable AccessionNumber accession, PatientId patient) {
        world.meanwhile("the archive is asked");
        trouble();
        Study study = studies.values().stream()
                .filter(s -> studyUid != null ? s.uid.equals(studyUid) : s.accession.equals(accession))
                .findFirst()
                .orElse(null);
        if (study == null || study.there == 0) {
            return new StudyLookup.NotFound();
        }
        SeriesListing series = new SeriesListing(study.uid + ".1", "CT", null, study.there);
        StudyListing listing =
                new StudyListing(study.uid, study.patient, study.accession, List.of(series), study.there);
        Duration still = Duration.between(study.grown, world.clock.instant());
        looks.merge(
                digest(study, study.there),
                new Look(study.there, still),
                (a, b) -> a.stoodStill().compareTo(b.stoodStill()) > 0 ? a : b);
        return new StudyLookup.Found(listing);
    }

    private static String digest(Study study, int slices) {
        return Sha256.hex((study.uid + "/" + slices).getBytes(StandardCharsets.UTF_8));
    }

    private void trouble() {
        if (world.bad("archive")) {
            Code[] codes = {Code.UNREACHABLE, Code.TIMEOUT, Code.BUSY, Code.BAD_ANSWER, Code.REFUSED};
            throw new StudySourceException(codes[world.random.nextInt(codes.length)], "weather");
        }
    }

    @Override
    public Set<String> instances(StudyUid studyUid, String seriesUid) {
        trouble();
        Study study = studies.get(studyUid);
        return IntStream.range(0, study == null ? 0 : study.there)
                .mapToObj(i -> studyUid + ".1." + i)
                .collect(Collectors.toSet());
    }

    @Override
    public boolean reachable() {
        return true;
    }

    @Override
    public Analysis analyze(StudyListing listing, Urgency urgency) {
        world.meanwhile("a study is analyzed");
        trouble();
        if (world.chance("archive", 20)) {
            throw new StudySourceException(Code.NO_TURN, "weather");
        }
        if (world.chance("archive", 30)) {
            throw new IllegalStateException("a bug in the analysis");
        }
        Study study = studies.get(listing.studyUid());
        int slices = listing.instanceCount();
        StudyFacts facts = new StudyFacts(study.patient, study.accession, null, null, slices, 5.0, slices, 5.0);
        if (slices < SLICES_MIN) {
            NotAnalyzedReason few = NotAnalyzedReason.TOO_FEW_SLICES;
            return new Analysis(
                    new Finding.NotAnalyzed(study.uid, null, few, few.sentence()), facts, slices, 1, null, null, false);
        }
        String digest = digest(study, slices);
        boolean bleed = study.bleedAt > 0 && slices >= study.bleedAt;
        Finding finding = new Finding.Analyzed(
                study.uid,
                study.uid + ".1",
                bleed ? 0.9 : 0.1,
                bleed ? slices : 0,
                null,
                0.5,
                List.of(new Finding.SliceFinding(study.uid + ".1.1", bleed ? 0.9 : 0.1, bleed ? slices : 0)),
                FakePacs.MODEL,
                digest,
                List.of(),
                "CPU",
                new Finding.Timing(1, 1, 1),
                140.0,
                List.of(),
                0);
        MaskDraft mask = (sop, series, at) -> sop.getBytes(StandardCharsets.UTF_8);
        boolean firm = bleed && slices > study.bleedAt + 1;
        return new Analysis(finding, facts, slices, 1, bleed ? mask : null, null, firm);
    }

    @Override
    public Optional<String> inputNow(StudyListing listing, Finding.Analyzed finding) {
        trouble();
        if (world.chance("archive", 20)) {
            throw new StudySourceException(Code.NO_TURN, "weather");
        }
        return Optional.of(digest(studies.get(listing.studyUid()), listing.instanceCount()));
    }

    @Override
    public Destination.Outcome store(StudyUid studyUid, String sopInstanceUid, byte[] seg) {
        world.meanwhile("a mask is stored");
        if (world.chance("archive", 25)) {
            return new Destination.Outcome.Refused("weather");
        }
        boolean bad = world.bad("archive");
        if (bad && world.random.nextBoolean()) {
            return new Destination.Outcome.Retry("timeout", Duration.ofHours(2));
        }
        masks.add(sopInstanceUid);
        return bad
                ? new Destination.Outcome.Retry("unreachable", null) // it is there, and the answer is lost
                : new Destination.Outcome.Delivered(sopInstanceUid);
    }

    @Override
    public String url(StudyUid studyUid, String seriesUid, String sopInstanceUid) {
        return "http://archive.example/" + sopInstanceUid;
    }
}
