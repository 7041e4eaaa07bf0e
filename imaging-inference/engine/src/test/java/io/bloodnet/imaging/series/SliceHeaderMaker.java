package io.bloodnet.imaging.series;

import io.bloodnet.imaging.contrast.ContrastEvidence;
import io.bloodnet.imaging.contrast.Says;
import io.bloodnet.imaging.geometry.Plane;
import io.bloodnet.imaging.geometry.Vector3;
import io.bloodnet.imaging.multiframe.ImageFrames;
import java.util.ArrayList;
import java.util.List;

/** Headers for tests of selection and geometry, without pixels. */
final class SliceHeaderMaker {

    private static final Making GIVEN = new Making(
            new ContrastEvidence(Says.GIVEN, Says.SILENT, Says.SILENT, Says.SILENT), 0, null, 0, 0, 0, "", null, null);

    private SliceHeaderMaker() {}

    /** What a series is made like. */
    record Style(
            String seriesUid,
            String sopClass,
            List<String> imageType,
            String kernel,
            String description,
            Making making,
            double tiltDegrees) {

        static Style soft(String seriesUid) {
            return new Style(
                    seriesUid,
                    ImageFrames.CT_IMAGE_STORAGE,
                    List.of("ORIGINAL", "PRIMARY", "AXIAL"),
                    "H30s",
                    "HEAD",
                    Making.UNKNOWN,
                    0);
        }

        Style kernel(String other) {
            return new Style(seriesUid, sopClass, imageType, other, description, making, tiltDegrees);
        }

        Style description(String other) {
            return new Style(seriesUid, sopClass, imageType, kernel, other, making, tiltDegrees);
        }

        Style imageType(String... other) {
            return new Style(seriesUid, sopClass, List.of(other), kernel, description, making, tiltDegrees);
        }

        Style sopClass(String other) {
            return new Style(seriesUid, other, imageType, kernel, description, making, tiltDegrees);
        }

        Style making(Making other) {
            return new Style(seriesUid, sopClass, imageType, kernel, description, other, tiltDegrees);
        }

        Style withContrast() {
            return new Style(seriesUid, sopClass, imageType, kernel, description, GIVEN, tiltDegrees);
        }

        Style tilted(double degrees) {
            return new Style(seriesUid, sopClass, imageType, kernel, description, making, degrees);
        }
    }

    /** A series with slices at these heights along the body axis, mm. */
    static SeriesHeaders series(Style style, double... heights) {
        List<SliceHeader> slices = new ArrayList<>();
        for (int i = 0; i < heights.length; i++) {
            slices.add(slice(style, i, heights[i]));
        }
        return new SeriesHeaders(style.seriesUid(), slices, slices.size());
    }

    /** As a gantry tilts: rows and columns lean, the table moves along the body axis. */
    static SliceHeader slice(Style style, int index, double height) {
        double tilt = Math.toRadians(style.tiltDegrees());
        Plane plane = new Plane(
                new Vector3(-120, -120, height),
                new Vector3(1, 0, 0),
                new Vector3(0, Math.cos(tilt), -Math.sin(tilt)),
                0.5,
                0.5);
        return new SliceHeader(
                "2.25.1",
                style.seriesUid(),
                style.seriesUid() + "." + (index + 1),
                0,
                style.sopClass(),
                style.imageType(),
                index + 1,
                512,
                512,
                plane,
                style.kernel(),
                style.description(),
                "HEAD",
                style.making(),
                false);
    }

    /** {@code count} heights from 0 on. */
    static double[] every(double gapMm, int count) {
        double[] heights = new double[count];
        for (int i = 0; i < count; i++) {
            heights[i] = i * gapMm;
        }
        return heights;
    }
}
