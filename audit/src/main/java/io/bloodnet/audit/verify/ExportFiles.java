package io.bloodnet.audit.verify;

import java.nio.file.Path;

/**
 * The files of an export.
 *
 * @param entries one line for each entry, from the first on
 * @param checkpoint the signed checkpoint over them
 * @param leaves their leaf hashes, 32 bytes each: not needed to verify, only to tell which line was changed
 */
public record ExportFiles(Path entries, Path checkpoint, Path leaves) {

    public static ExportFiles of(Path entries) {
        String name = String.valueOf(entries.getFileName());
        return new ExportFiles(
                entries, entries.resolveSibling(name + ".checkpoint"), entries.resolveSibling(name + ".leaves"));
    }
}
