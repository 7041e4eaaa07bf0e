package io.bloodnet.server.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** From the URL of an H2 file in the configuration to the one that H2 gets, with what a commit needs to be durable. */
final class H2Url {

    /** {@code jdbc:h2:file:PATH;SETTINGS}, {@code file:} may be left out: PATH is absolute, or begins with {@code ./} or {@code ~/}. */
    private static final Pattern FILE = Pattern.compile("jdbc:h2:(?:file:)?([./~][^;:]*|[A-Za-z]:[^;:]*)(;.*)?");
    /** Statements that a connection keeps prepared. */
    private static final int STATEMENTS = 64;
    /**
     * Bodies, orders and replies up to this many bytes or characters stand in their rows; beyond it each has entries in three tables of
     * H2's own, which every commit would write besides.
     */
    private static final int IN_ROW_MAX = 4096;
    /**
     * Space that is free is not used again before so many ms. {@link H2Channel} needs no such time; it is for a thread that reads on in what
     * was current a moment ago. The file holds what is written in this time besides its rows.
     */
    private static final int FREE_FOR_MS = 10_000;

    private H2Url() {}

    /**
     * Through {@link H2Channel}, and able to survive an interrupted thread: Java closes a file channel when a thread that uses it is
     * interrupted, which H2's default file layer takes for a broken disk; its {@code retry:} layer opens the file again. Makes the folder,
     * for its owner alone, when it is not there.
     *
     * @throws StoreException when it is not a file: what is in memory or in another process is not durable by our means
     */
    static String of(String url) {
        Matcher file = FILE.matcher(url);
        if (!file.matches()) {
            throw new StoreException(
                    "database.url must be jdbc:h2:file:PATH with an absolute PATH or one that begins with"
                            + " ./ or ~/: nothing else of H2 is durable here");
        }
        String settings = file.group(2) == null ? "" : file.group(2);
        H2Files.register();
        if (!settings.contains(";IFEXISTS=TRUE")) {
            prepare(path(file.group(1)));
        }
        String retention = settings.contains(";RETENTION_TIME=") ? "" : ";RETENTION_TIME=" + FREE_FOR_MS;
        return "jdbc:h2:" + H2Files.SCHEME + ":retry:" + file.group(1) + settings
                + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=5000;QUERY_CACHE_SIZE=" + STATEMENTS
                + ";MAX_LENGTH_INPLACE_LOB=" + IN_ROW_MAX + retention;
    }

    /** The database's file. @throws StoreException when it is not a file */
    static Path file(String url) {
        Matcher file = FILE.matcher(url);
        if (!file.matches()) {
            throw new StoreException("database.url must be jdbc:h2:file:PATH");
        }
        return path(file.group(1));
    }

    private static Path path(String name) {
        String expanded = name.startsWith("~") ? System.getProperty("user.home") + name.substring(1) : name;
        return Path.of(expanded + ".mv.db").toAbsolutePath();
    }

    /** The file for its owner alone (0600); a folder too (0700), when it is made here. */
    private static void prepare(Path file) {
        try {
            Path folder = file.getParent();
            boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
            if (folder != null && !Files.exists(folder)) {
                Path above = folder.getParent();
                if (above != null) {
                    Files.createDirectories(above);
                }
                Files.createDirectory(folder);
                if (posix) {
                    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
                }
            }
            if (!Files.exists(file)) {
                Files.createFile(file); // H2 takes an empty file for a new one
            }
            if (posix) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            }
        } catch (IOException e) {
            throw new StoreException("the database's file or folder cannot be made for its owner alone", e);
        }
    }
}
