package io.bloodnet.imaging.bloodnet;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.bloodnet.imaging.finding.ModelId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The network, loaded. A fixed number of runs go on at a time, each in a thread of its own; more wait in a bounded queue. Safe for many
 * threads.
 *
 * <p>{@link #close()} waits for runs in flight: ONNX Runtime crashes the process when a session is closed, or the process exits, during
 * a run. Whoever ends the process on a signal MUST close first and only then exit.
 */
public final class BloodNet implements AutoCloseable {

    /** Rows and columns of a slice. */
    public static final int SIDE = 512;

    /** Slices on each side of the judged one. */
    public static final int WINDOW_RADIUS = 2;

    static final int EDGE_SLICES = 2 * WINDOW_RADIUS;

    /** Runs that may wait; a study of 150 slices makes at most 150. */
    private static final int QUEUE_MAX = 4_096;

    private static final Duration DRAIN_MAX = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(BloodNet.class);

    private final ModelBundle bundle;
    private final OrtSession session;
    private final ExecutionProvider provider;
    private final int windowsPerRun;
    private final BlockingQueue<Lane> lanes;
    private final ThreadPoolExecutor runs;
    private final AtomicLong submitted = new AtomicLong();
    private final LongAdder judged = new LongAdder();
    private boolean closed;

    /**
     * How to run.
     *
     * @param provider what to try first
     * @param lanes runs at a time, 1 to 64; on a CPU best the number of cores
     * @param windowsPerRun most windows in one run, 1 to 64; on a CPU more than a few only cost memory
     */
    public record Settings(ExecutionProvider provider, int lanes, int windowsPerRun) {

        private static final int MAX = 64;
        private static final int CPU_WINDOWS = 2;
        private static final int CUDA_WINDOWS = 16;

        public Settings {
            requireRange("lanes", lanes);
            requireRange("windowsPerRun", windowsPerRun);
        }

        /** One lane for each core, or one large one on a GPU. */
        public static Settings defaults(ExecutionProvider provider) {
            return switch (provider) {
                case CPU ->
                    new Settings(provider, Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MAX), CPU_WINDOWS);
                case CUDA -> new Settings(provider, 1, CUDA_WINDOWS);
            };
        }

        private static void requireRange(String what, int value) {
            if (value < 1 || value > MAX) {
                throw new IllegalArgumentException(what + " " + value + " not in 1.." + MAX);
            }
        }
    }

    private BloodNet(ModelBundle bundle, GraphSession.Opened opened, Settings settings) {
        this.bundle = bundle;
        this.session = opened.session();
        this.provider = opened.provider();
        this.windowsPerRun = settings.windowsPerRun();
        this.lanes = new ArrayBlockingQueue<>(settings.lanes());
        for (int i = 0; i < settings.lanes(); i++) {
            lanes.add(new Lane(windowsPerRun));
        }
        this.runs = new ThreadPoolExecutor(
                settings.lanes(),
                settings.lanes(),
                0,
                TimeUnit.SECONDS,
                new PriorityBlockingQueue<>(),
                Thread.ofPlatform().name("bloodnet-", 0).daemon().factory());
    }

    /**
     * Loads the graph and runs it once.
     *
     * @throws ModelBundleException when it cannot be used; never later
     */
    public static BloodNet open(ModelBundle bundle, Settings settings) {
        Lane warmUpLane = new Lane(1);
        GraphSession.Opened opened = GraphSession.open(bundle, settings.provider(), session -> {
            try {
                warmUpLane.judge(session, new Blank(), (float) bundle.maskThreshold());
            } catch (ModelAnswerException e) {
                throw new ModelBundleException(
                        ModelBundleException.Code.DOES_NOT_RUN, "on an empty slice " + e.getMessage(), e);
            }
        });
        // One large lane is right for a GPU; on the processor that it fell back to, cores would idle and memory swell.
        Settings used = opened.provider() == settings.provider() ? settings : Settings.defaults(opened.provider());
        LOG.info(
                "model {} {} runs on {}, {} at a time",
                bundle.model().id(),
                bundle.model().version(),
                opened.provider(),
                used.lanes());
        return new BloodNet(bundle.withoutGraph(), opened, used);
    }

    /** Air only. */
    private record Blank() implements SliceRun {

        private static final short[] AIR = new short[SIDE * SIDE];

        @Override
        public int windows() {
            return 1;
        }

        @Override
        public short[] hu(int index) {
            return AIR;
        }

        @Override
        public float voxelMl(int window) {
            return 0.001f;
        }
    }

    /** What the model's bundle says, without the graph's bytes. */
    public ModelBundle bundle() {
        return bundle;
    }

    /** The model that every result names. */
    public ModelId model() {
        return bundle.model();
    }

    /** The operating point in use, in (0, 1). */
    public double threshold() {
        return bundle.operatingPoint().threshold();
    }

    /** Where the network really runs. */
    public ExecutionProvider provider() {
        return provider;
    }

    /** Most windows in one run. */
    public int windowsPerRun() {
        return windowsPerRun;
    }

    /**
     * How a study's windows are best cut into runs: large ones first, which read each slice less often, and small ones at the end, so
     * that all lanes end together. The sizes add up to {@code windows}.
     */
    public List<Integer> runSizes(int windows) {
        List<Integer> sizes = new ArrayList<>();
        for (int left = windows; left > 0; left -= sizes.getLast()) {
            sizes.add(Math.clamp(Math.ceilDiv(left, 2 * runs.getMaximumPoolSize()), 1, windowsPerRun));
        }
        return sizes;
    }

    /**
     * Judges windows as soon as a lane is free, runs of the lowest rank first.
     *
     * @return one judgement for each window; fails with {@link ModelAnswerException} when the network gives no valid answer, cancelled
     *     when the network is closed before its turn
     * @throws RejectedExecutionException when closed, or when more runs wait than the queue holds
     */
    public Future<List<SliceJudgement>> submit(SliceRun run) {
        if (run.windows() < 1 || run.windows() > windowsPerRun) {
            throw new IllegalArgumentException(run.windows() + " windows in one run, not 1.." + windowsPerRun);
        }
        if (runs.getQueue().size() >= QUEUE_MAX) {
            throw new RejectedExecutionException("more than " + QUEUE_MAX + " runs wait");
        }
        Ranked asked = new Ranked(() -> judge(run), run.rank(), submitted.getAndIncrement());
        runs.execute(asked);
        return asked;
    }

    /** A run that waits for a lane. */
    private static final class Ranked extends FutureTask<List<SliceJudgement>> implements Comparable<Ranked> {

        private final long rank;
        private final long number;

        Ranked(Callable<List<SliceJudgement>> judge, long rank, long number) {
            super(judge);
            this.rank = rank;
            this.number = number;
        }

        @Override
        public int compareTo(Ranked other) {
            int first = Long.compare(rank, other.rank);
            return first != 0 ? first : Long.compare(number, other.number);
        }
    }

    private List<SliceJudgement> judge(SliceRun run) {
        Lane lane = lanes.poll();
        if (lane == null) {
            throw new IllegalStateException("there are as many lanes as threads");
        }
        long start = System.nanoTime();
        try {
            List<SliceJudgement> judgements = lane.judge(session, run, (float) bundle.maskThreshold());
            judged.add(judgements.size());
            return judgements;
        } catch (OrtException e) {
            throw new ModelAnswerException("ONNX Runtime failed with " + e.getCode(), e);
        } finally {
            run.ran(start, System.nanoTime());
            lanes.add(lane);
        }
    }

    /** How many windows were judged since the network was loaded. */
    public long judged() {
        return judged.sum();
    }

    /** Takes no more runs, drops those that wait, and lets those in flight end. Blocks for at most a minute. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        runs.shutdown();
        List<Runnable> waiting = new ArrayList<>();
        runs.getQueue().drainTo(waiting);
        waiting.forEach(run -> ((Future<?>) run).cancel(false));
        try {
            closed = runs.awaitTermination(DRAIN_MAX.toSeconds(), TimeUnit.SECONDS);
            if (closed) {
                session.close();
            } else {
                LOG.error(
                        "runs did not end within {} s, next: the session stays open until the process ends",
                        DRAIN_MAX.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (OrtException e) {
            LOG.warn("closing the session failed with {}", e.getCode());
        }
    }
}
