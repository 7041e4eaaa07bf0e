package io.bloodnet.imaging.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Made-up studies in folders, for tests of other packages. */
public final class PhantomFolders {

    private PhantomFolders() {}

    /** Writes a head of eight slices into a new folder; {@code bleedSide}: rows and columns of its blood in two slices, 0 for none. */
    public static void write(Path folder, int bleedSide) throws IOException {
        Files.createDirectories(folder);
        Phantom phantom = new Phantom(8, 512, 0.5, 5, 3, 5, bleedSide, true, b -> b);
        for (int slice = 0; slice < phantom.slices(); slice++) {
            Files.write(folder.resolve(slice + ".dcm"), phantom.file(slice));
        }
    }
}
