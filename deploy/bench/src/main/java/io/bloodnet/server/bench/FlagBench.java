package io.bloodnet.server.bench;

import io.bloodnet.imaging.bench.InferenceBench;
import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ExecutionProvider;
import io.bloodnet.imaging.bloodnet.ModelBundle;
import io.bloodnet.sandbox.SandboxHospital;
import io.bloodnet.sandbox.SandboxPorts;
import io.bloodnet.sandbox.cases.HeadContent;
import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.cases.SampleCases;
import io.bloodnet.sandbox.ct.CtStudyFiles;
import io.bloodnet.sandbox.ehr.SampleResources;
import io.bloodnet.sandbox.hl7.AckMode;
import io.bloodnet.server.Main;
import io.bloodnet.server.RunningServer;
import io.bloodnet.server.config.ConfigFile;
import io.bloodnet.server.config.ServerConfig;
import io.bloodnet.server.trace.OrderTimes.Step;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * How long a suspected bleed takes to be told, seen from outside: a pretend scanner stores studies into the archive, and the flag is waited for
 * on the worklist, at the EHR and at the HL7 receiver.
 */
public final class FlagBench {

    private static final double MEDIAN_GOAL_S = 1.0;
    private static final double P99_GOAL_S = 2.0;
    private static final Duration TOLD_WITHIN = Duration.ofMinutes(5);
    private static final long PACS_BYTES_MAX = 4L << 30;
    /** The first round warms the server up. */
    private static final int WARM_UP = 2;

    private static final long LOOK_MS = 10;
    private static final double NANOS = 1e9;
    private static final int HEAD_SLICES = 30;
    /** Windows that hold the last slice. */
    private static final int LAST_WINDOWS = 3;

    private static final Duration SETTLED_WITHIN = Duration.ofSeconds(5);

    private final Plan plan;
    private final PrintStream out;
    private int made;

    /**
     * What is measured.
     *
     * @param studiesAtOnce one measurement for each
     * @param rounds of one study at once; of more at once there are fewer
     * @param slicesPerSecond how fast a scanner stores
     * @param order in which it stores
     * @param series axial series of each study
     * @param slow peers that take their time, in turn
     * @param slowBy how long they take for each request
     * @param pacs DICOMweb address of a real archive; null for the sandbox's
     * @param trace whether the steps of the last order are printed
     */
    public record Plan(
            List<Integer> studiesAtOnce,
            int rounds,
            double slicesPerSecond,
            String order,
            int series,
            Set<Slow> slow,
            Duration slowBy,
            @Nullable String pacs,
            boolean trace) {}

    /** A peer that may be slow. */
    public enum Slow {
        NONE,
        PACS,
        EHR,
        HL7
    }

    /** @param files in the order in which they are stored */
    private record Study(SampleCase sample, List<byte[]> files) {}

    private record Flagged(double toCard, double toEhr, double toOru) {}

    private FlagBench(Plan plan, PrintStream out) {
        this.plan = plan;
        this.out = out;
    }

    /**
     * Measures and prints the figures.
     *
     * @param folder an empty one for database and key
     */
    public static void run(Path bundle, Path folder, Plan plan, PrintStream out) throws Exception {
        new FlagBench(plan, out).measure(bundle, folder);
    }

    private void measure(Path bundle, Path folder) throws Exception {
        double network = InferenceBench.networkSeconds(
                ModelBundle.load(bundle), BloodNet.Settings.defaults(ExecutionProvider.CPU), HEAD_SLICES);
        out.printf(Locale.ROOT, "flag: the network alone takes %.2f s for %d slices%n", network, HEAD_SLICES);
        try (SandboxHospital hospital =
                        new SandboxHospital(SandboxPorts.ANY, List.of(), PACS_BYTES_MAX, InstantSource.system());
                RunningServer server = Main.start(config(hospital, folder), bundle)) {
            for (int i = 0; i < WARM_UP; i++) {
                round(hospital, server, 1, i % 2 == 0, false);
            }
            Set<Slow> slow = EnumSet.of(Slow.NONE);
            slow.addAll(plan.slow());
            for (Slow peer : slow) {
                for (int studies : plan.studiesAtOnce()) {
                    slow(hospital, peer);
                    report(hospital, server, peer, studies, network, true);
                    report(hospital, server, peer, studies, network, false);
                    slow(hospital, Slow.NONE);
                }
            }
        }
    }

    private void slow(SandboxHospital hospital, Slow peer) {
        hospital.pacs().faults().latency(peer == Slow.PACS ? plan.slowBy() : Duration.ZERO);
        hospital.ehr().faults().latency(peer == Slow.EHR ? plan.slowBy() : Duration.ZERO);
        hospital.hl7().lateBy(plan.slowBy());
        hospital.hl7().answer(peer == Slow.HL7 ? AckMode.LATE : AckMode.ACCEPT);
    }

    /** @param there whether the images are in the archive before the order comes */
    private void report(
            SandboxHospital hospital, RunningServer server, Slow peer, int studies, double network, boolean there)
            throws Exception {
        int rounds = Math.max(1, plan.rounds() / studies);
        List<Flagged> all = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            boolean last = round == rounds - 1;
            all.addAll(round(hospital, server, studies, there, plan.trace() && last && studies == 1));
        }
        String what = there ? "images there, from the acknowledged order" : "images arriving, from the last slice";
        double rest = there ? network * studies : restAfterLastSlice(network * studies);
        double[] ehr = sorted(all, Flagged::toEhr);
        out.printf(
                Locale.ROOT,
                "flag: %d at once, %s%s: first at the EHR %.2f s; medians (slowest): card %s, EHR %s, ORU %s; EHR less the network's %.2f s: %.2f s (%.2f s)%s%n",
                studies,
                what,
                peer == Slow.NONE ? "" : ", slow " + peer,
                ehr[0],
                text(sorted(all, Flagged::toCard)),
                text(ehr),
                text(sorted(all, Flagged::toOru)),
                rest,
                median(ehr) - rest,
                ehr[ehr.length - 1] - rest,
                studies == 1 && peer == Slow.NONE
                        ? String.format(Locale.ROOT, " (goal <= %.1f s, <= %.1f s)", MEDIAN_GOAL_S, P99_GOAL_S)
                        : "");
    }

    /** What the network cannot have done before: the windows that the last slice completes, and what it does not get done while slices come. */
    private double restAfterLastSlice(double network) {
        double arriving = plan.slicesPerSecond() == 0 ? 0 : (HEAD_SLICES * plan.series() - 1) / plan.slicesPerSecond();
        return Math.max(LAST_WINDOWS * network / HEAD_SLICES, network - arriving);
    }

    private static double[] sorted(List<Flagged> all, ToDoubleFunction<Flagged> place) {
        return all.stream().mapToDouble(place).sorted().toArray();
    }

    private static double median(double[] sorted) {
        return sorted[sorted.length / 2];
    }

    private static String text(double[] sorted) {
        return String.format(Locale.ROOT, "%.2f s (%.2f s)", median(sorted), sorted[sorted.length - 1]);
    }

    private List<Flagged> round(SandboxHospital hospital, RunningServer server, int count, boolean there, boolean trace)
            throws Exception {
        List<SampleCase> cases = new ArrayList<>();
        List<Study> studies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SampleCase sample = SampleCases.of(
                    "flag-" + made, 24, made++, HeadContent.INTRAPARENCHYMAL, SampleCase.Route.HL7_ORM, true);
            cases.add(sample);
            studies.add(new Study(sample, files(sample)));
            hospital.ehr().seed(SampleResources.of(sample, Instant.now()));
        }
        Scanner scanner = new Scanner(archive(hospital));
        SandboxHospital.ServerAddress address = new SandboxHospital.ServerAddress(
                new InetSocketAddress("127.0.0.1", server.hl7Port()), URI.create(server.url() + "/fhir/events"));
        FlagWatcher watcher = new FlagWatcher(hospital, server.url());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            if (there) {
                all(threads, studies, study -> scanner.store(study.files(), 0));
            }
            List<Future<Long>> begun = new ArrayList<>();
            for (Study study : studies) {
                begun.add(threads.submit(() -> {
                    hospital.sendOrder(study.sample(), address);
                    return there ? System.nanoTime() : scanner.store(study.files(), plan.slicesPerSecond());
                }));
            }
            watcher.await(cases, TOLD_WITHIN);
            List<Flagged> flagged = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                SampleCase sample = cases.get(i);
                long begin = begun.get(i).get();
                flagged.add(new Flagged(
                        (watcher.at(sample, FlagWatcher.Place.CARD) - begin) / NANOS,
                        (watcher.at(sample, FlagWatcher.Place.EHR) - begin) / NANOS,
                        (watcher.at(sample, FlagWatcher.Place.ORU) - begin) / NANOS));
                if (trace) {
                    print(settled(server, watcher.job(sample)), begin);
                }
                hospital.pacs().remove(sample.studyUid());
            }
            return flagged;
        }
    }

    private interface Work {
        Object of(Study study) throws Exception;
    }

    private static void all(ExecutorService threads, List<Study> studies, Work work)
            throws InterruptedException, ExecutionException {
        List<Callable<Object>> tasks = studies.stream()
                .map(study -> (Callable<Object>) () -> work.of(study))
                .toList();
        for (Future<Object> done : threads.invokeAll(tasks)) {
            done.get();
        }
    }

    private List<byte[]> files(SampleCase sample) {
        List<byte[]> all = CtStudyFiles.make(sample, Instant.now(), plan.series());
        List<byte[]> stored = new ArrayList<>(all.subList(0, 1));
        Scanner.Order order = Scanner.Order.valueOf(plan.order().toUpperCase(Locale.ROOT));
        for (int series = 0; series < plan.series(); series++) {
            int from = 1 + series * sample.slices();
            stored.addAll(order.of(all.subList(from, from + sample.slices()), sample.seed()));
        }
        return stored;
    }

    /** The steps of an order, once the server knows, too, that the EHR has the report. */
    private static List<Step> settled(RunningServer server, String job) throws InterruptedException {
        long end = System.nanoTime() + SETTLED_WITHIN.toNanos();
        List<Step> steps = server.times().of(job);
        while (steps.stream().noneMatch(step -> step.name().equals("settle-ehr")) && System.nanoTime() - end < 0) {
            Thread.sleep(LOOK_MS);
            steps = server.times().of(job);
        }
        return steps;
    }

    /** Milliseconds from the order's acknowledgement or the last slice. */
    private void print(List<Step> steps, long begin) {
        out.println("flag: steps of one order, ms: begin, length, name");
        for (Step step : steps) {
            out.printf(
                    Locale.ROOT,
                    "  %8.1f %8.1f  %s%n",
                    (step.startNanos() - begin) / 1e6,
                    (step.endNanos() - step.startNanos()) / 1e6,
                    step.name());
        }
    }

    private String archive(SandboxHospital hospital) {
        return plan.pacs() == null ? hospital.pacs().url() : plan.pacs();
    }

    private ServerConfig config(SandboxHospital hospital, Path folder) {
        return ConfigFile.parse("""
                http: { port: 0 }
                hl7: { listen: { port: 0 }, results: { port: %d } }
                pacs: { dicomweb-url: "%s" }
                ehr: { fhir-url: "%s" }
                database: { url: "jdbc:h2:file:%s" }
                audit: { key-file: "%s" }
                """.formatted(
                        hospital.hl7().port(),
                        archive(hospital),
                        hospital.ehr().url(),
                        folder.resolve("bench"),
                        folder.resolve("key.pem")));
    }
}
