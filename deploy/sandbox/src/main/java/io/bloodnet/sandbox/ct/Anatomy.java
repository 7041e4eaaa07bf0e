package io.bloodnet.sandbox.ct;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** What lies inside of every head: fluid spaces, deep grey matter and the bones of the skull base, as ellipsoids. */
final class Anatomy {

    private static final double CSF = 8;
    private static final double GREY = 36;
    private static final double BONE = 850;

    private final List<Blob> ventricles = new ArrayList<>();
    private final List<Blob> cisterns = new ArrayList<>();
    private final List<Blob> greyMatter = new ArrayList<>();
    private final List<Blob> base = new ArrayList<>();

    Anatomy(RandomGenerator random) {
        double size = 0.85 + 0.4 * random.nextDouble(); // ventricles grow with age
        both(ventricles, Blob.tissue(9, -24, 78, 4.5, 12, 13, 0.25, CSF).scaled(size)); // frontal horns
        both(ventricles, Blob.tissue(11, 4, 90, 6, 27, 9, -0.12, CSF).scaled(size)); // bodies
        both(ventricles, Blob.tissue(23, 33, 78, 6, 12, 12, -0.35, CSF).scaled(size)); // trigones
        ventricles.add(Blob.tissue(0, 2, 68, 2.2, 11, 10, 0, CSF).scaled(size)); // third
        ventricles.add(Blob.tissue(0, 38, 34, 6, 5, 8, 0, CSF).scaled(size)); // fourth
        cisterns.add(Blob.tissue(0, -8, 46, 11, 8, 5, 0, CSF + 2)); // suprasellar
        cisterns.add(Blob.tissue(0, 26, 58, 9, 3.5, 6, 0, CSF + 2)); // quadrigeminal
        both(cisterns, Blob.tissue(43, -12, 58, 13, 2.2, 11, 0.5, CSF + 4)); // Sylvian fissures
        both(greyMatter, Blob.tissue(22, -6, 74, 6, 15, 11, -0.25, GREY)); // lentiform
        both(greyMatter, Blob.tissue(14, -22, 82, 4, 8, 9, 0.2, GREY)); // caudate heads
        both(greyMatter, Blob.tissue(10, 12, 74, 8, 12, 9, -0.3, GREY)); // thalami
        both(base, Blob.tissue(34, 14, 8, 24, 7, 9, 0.55, BONE)); // petrous ridges
        both(base, Blob.tissue(36, -40, 4, 24, 5, 8, -0.45, BONE)); // sphenoid wings
        base.add(Blob.tissue(0, -12, 6, 11, 9, 12, 0, 600)); // clivus and sella
        both(base, Blob.tissue(52, 26, 4, 9, 12, 9, 0.4, -250)); // mastoid cells
        both(base, Blob.tissue(9, -16, -2, 6, 8, 8, 0, -850)); // sphenoid sinus
        both(base, Blob.tissue(27, -62, 0, 17, 17, 16, 0, -70)); // orbital fat
        both(base, Blob.tissue(28, -66, 0, 11.5, 11.5, 11.5, 0, 18)); // eyes
        both(base, Blob.tissue(7, -60, 0, 6, 16, 12, 0, -800)); // ethmoid cells
    }

    List<Blob> ventricles() {
        return ventricles;
    }

    List<Blob> cisterns() {
        return cisterns;
    }

    /** In the order of drawing. */
    List<Blob> all() {
        List<Blob> all = new ArrayList<>(greyMatter);
        all.addAll(ventricles);
        all.addAll(cisterns);
        all.addAll(base);
        return all;
    }

    private static void both(List<Blob> list, Blob left) {
        list.add(left);
        list.add(left.mirrored());
    }
}
