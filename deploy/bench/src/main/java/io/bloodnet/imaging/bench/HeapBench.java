package io.bloodnet.imaging.bench;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicomweb.ArchiveAccess;
import io.bloodnet.imaging.dicomweb.DicomWebClient;
import io.bloodnet.imaging.dicomweb.DicomWebSettings;
import io.bloodnet.imaging.study.BloodNetAnalyzer;
import io.bloodnet.imaging.study.StudyAnalyzer;
import io.bloodnet.imaging.study.StudySource;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What an analysis holds on the heap at most, beside the study's bytes. Another thread collects garbage and looks, again and again, while
 * the analysis runs: what is left each time is truly held.
 */
public final class HeapBench {

    private static final double GOAL = 1.3;

    private HeapBench() {}

    /** Prints one line with the ratio. Takes some seconds. */
    public static void run(BloodNet net, PrintStream out) throws Exception {
        List<byte[]> files = BenchStudy.files();
        long studyBytes = files.stream().mapToLong(f -> f.length).sum();
        try (BenchArchive archive = new BenchArchive(files);
                DicomWebClient client = new DicomWebClient(
                        DicomWebSettings.of(archive.dicomWeb(), ArchiveAccess.OPEN), DicomLimits.DEFAULT)) {
            StudySource.StudyListing listing = FetchBench.listing(client);
            StudyAnalyzer analyzer =
                    new BloodNetAnalyzer(client.images(), net, BloodNetAnalyzer.Limits.DEFAULT, ZoneOffset.UTC);
            analyzer.analyze(listing);
            long peak = peakWhile(() -> analyzer.analyze(listing));
            out.printf(
                    "heap: study %.1f MB, peak of live heap %.1f MB; peak / study %.2f (goal <= %.1f)%n",
                    studyBytes / 1e6, peak / 1e6, (double) peak / studyBytes, GOAL);
        }
    }

    /** Largest live heap over what was live before, bytes. */
    private static long peakWhile(Runnable work) throws InterruptedException {
        long before = liveBytes();
        AtomicLong peak = new AtomicLong();
        AtomicBoolean done = new AtomicBoolean();
        Thread watcher = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                peak.accumulateAndGet(liveBytes(), Math::max);
            }
        });
        work.run();
        done.set(true);
        watcher.join();
        return peak.get() - before;
    }

    /** What was left after the collection itself, not what has been allocated since. */
    private static long liveBytes() {
        ManagementFactory.getMemoryMXBean().gc();
        long live = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            MemoryUsage usage = pool.getType() == MemoryType.HEAP ? pool.getCollectionUsage() : null;
            live += usage == null ? 0 : usage.getUsed();
        }
        return live;
    }
}
