package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudySource;
import io.bloodnet.imaging.study.StudySourceException;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The archive behind a {@link Breaker}: an archive that is away is asked by one order at a time, not by all that wait. Safe for all threads. */
final class GuardedArchive implements StudySource {

    private final StudySource archive;
    private final Breaker breaker;

    GuardedArchive(StudySource archive, Breaker breaker) {
        this.archive = archive;
        this.breaker = breaker;
    }

    @Override
    public StudyLookup find(@Nullable StudyUid studyUid, @Nullable AccessionNumber accession, PatientId patient) {
        String thing = studyUid != null ? studyUid.value() : accession != null ? accession.value() : "";
        return asked(thing, () -> archive.find(studyUid, accession, patient));
    }

    @Override
    public Set<StudyUid> present(List<StudyUid> asked) {
        return asked("a list of studies", () -> archive.present(asked));
    }

    @Override
    public Set<String> accessions(LocalDate from, LocalDate to) {
        return asked("the studies of some days", () -> archive.accessions(from, to));
    }

    @Override
    public Set<String> instances(StudyUid studyUid, String seriesUid) {
        return asked(studyUid.value(), () -> archive.instances(studyUid, seriesUid));
    }

    private <T> T asked(String thing, Supplier<T> question) {
        if (!breaker.enter()) {
            throw new StudySourceException(
                    StudySourceException.Code.BUSY, "the archive is away, another order asks it");
        }
        try {
            T answer = question.get();
            breaker.answered();
            return answer;
        } catch (StudySourceException e) {
            switch (e.code()) {
                case UNREACHABLE, TIMEOUT, BUSY, NO_TURN ->
                    breaker.away(thing, e.code().name());
                case REFUSED, BAD_ANSWER, TOO_LARGE -> breaker.answered();
            }
            throw e;
        } catch (RuntimeException e) {
            breaker.unclear();
            throw e;
        }
    }

    @Override
    public boolean reachable() {
        return archive.reachable();
    }
}
