package io.bloodnet.server.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/** H2's file system with {@link H2Channel} for the database file: {@code jdbc:h2:bloodnet:FILE}. */
public final class H2Files extends FilePathWrapper {

    static final String SCHEME = "bloodnet";

    /** For H2, which makes one for each path. */
    public H2Files() {}

    static void register() {
        FilePath.register(new H2Files());
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        FileChannel file = getBase().open(mode);
        return mode.equals("r") || !name.endsWith(".mv.db") ? file : new H2Channel(file);
    }
}
