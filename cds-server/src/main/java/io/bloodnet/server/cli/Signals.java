package io.bloodnet.server.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;

/**
 * Waits for SIGTERM or SIGINT. A shutdown hook would not do: hooks run at the same time, and ONNX Runtime's frees its environment while our
 * own would still drain runs, which crashes the process. The JDK's handler type is in an unsupported module that javac warns of, so it is
 * reached by reflection.
 */
public final class Signals {

    private Signals() {}

    /** Returns when the process is told to end. Its second signal ends it at once. */
    public static void await() throws InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        handle("TERM", told);
        handle("INT", told);
        told.await();
    }

    private static void handle(String name, CountDownLatch told) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler invoked = (proxy, method, arguments) -> {
                switch (method.getName()) {
                    case "handle" -> {
                        if (told.getCount() == 0) {
                            Runtime.getRuntime().halt(130);
                        }
                        told.countDown();
                        return null;
                    }
                    case "equals" -> {
                        return proxy == arguments[0];
                    }
                    case "hashCode" -> {
                        return System.identityHashCode(proxy);
                    }
                    default -> {
                        return "signal handler";
                    }
                }
            };
            Object proxy = Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handler}, invoked);
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM does not let us handle SIG" + name, e);
        }
    }
}
