package io.bloodnet.imaging.study;

import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.finding.Mask;
import io.bloodnet.imaging.finding.ModelId;
import io.bloodnet.imaging.geometry.SlicePlace;
import io.bloodnet.imaging.series.SliceHeaders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/** Made-up studies in folders, for tests of other packages. */
public final class PhantomFolders {

    /** Made-up heads are short: they need not be whole. */
    public static final BloodNetAnalyzer.Limits LIMITS = BloodNetAnalyzer.Limits.DEFAULT.withCoverageMmMin(0);

    private PhantomFolders() {}

    /** Writes a head of 20 slices into a new folder; {@code bleedSide}: rows and columns of its blood in two slices, 0 for none. */
    public static void write(Path folder, int bleedSide) throws IOException {
        Files.createDirectories(folder);
        Phantom phantom = new Phantom(20, 512, 0.45, 5, 3, 5, bleedSide, true, b -> b);
        for (int slice = 0; slice < phantom.slices(); slice++) {
            Files.write(folder.resolve(slice + ".dcm"), phantom.file(slice));
        }
    }

    /** Writes an expert's SEG of such a head: a square of {@code side} voxels where the blood begins, in the two slices that bleed. */
    public static void writeMask(Path file, int side) throws IOException {
        Phantom phantom = new Phantom(8, 512, 0.5, 5, 3, 5, side, true, b -> b);
        byte[] bits = new byte[Mask.bytesFor(512, 512)];
        for (int y = 288; y < 288 + side; y++) {
            for (int x = 288; x < 288 + side; x++) {
                Mask.set(bits, y * 512 + x);
            }
        }
        Mask mask =
                new Mask(512, 512, List.of(new Mask.Frame(Phantom.sop(3), bits), new Mask.Frame(Phantom.sop(4), bits)));
        List<DicomObject> sources = IntStream.range(0, 8)
                .mapToObj(slice -> phantom.dataSet(slice).header())
                .toList();
        ModelId expert = new ModelId("expert", "1", "ab".repeat(32));
        Files.write(file, new SegDraft(mask, sources, expert).toSeg("2.25.500", "2.25.600", Instant.EPOCH));
    }

    /** Where the lowest eight slices of such a head lie. */
    public static List<SlicePlace> places() {
        Phantom phantom = new Phantom(8, 512, 0.5, 5, 3, 5, 0, true, b -> b);
        return IntStream.range(0, phantom.slices())
                .mapToObj(slice -> SliceHeaders.of(phantom.dataSet(slice)))
                .map(header -> new SlicePlace(header.id(), header.rows(), header.columns(), header.plane()))
                .toList();
    }
}
