package io.bloodnet.server.job;

/**
 * Named points between two durable writes. Production passes through them; the crash tests halt the JVM at one of them and check that the
 * order still ends once. The points are named in {@code CrashPointsTest}.
 */
@FunctionalInterface
public interface FaultPoint {

    /** The system property that names the point at which a test wants the JVM to halt. */
    String PROPERTY = "bloodnet.test.halt-at";

    /** Called when the point is reached. */
    void reached(String name);

    /** Halts, like kill -9, at the point that the system property names; does nothing without it. */
    static FaultPoint fromProperty() {
        String wanted = System.getProperty(PROPERTY);
        if (wanted == null) {
            return name -> {};
        }
        return name -> {
            if (name.equals(wanted)) {
                Runtime.getRuntime().halt(137);
            }
        };
    }
}
