package io.bloodnet.imaging.multiframe;

import io.bloodnet.imaging.dicom.DataElement;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Takes a CT image of many frames (PS3.3 A.38, A.70) apart into one data set for each frame, in the form of a classic CT image: what the
 * shared and the frame's own functional groups say (C.7.6.16) stands at the top, the frame's own word last. Such a data set says by
 * {@link Tag#REFERENCED_FRAME_NUMBER} which frame it is; one of a classic image has no such number. Without state.
 */
public final class ImageFrames {

    /** CT Image Storage (PS3.4 B.5). */
    public static final String CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2";

    /** Enhanced CT and Legacy Converted Enhanced CT Image Storage. */
    private static final Set<String> ENHANCED = Set.of("1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.2.2");

    /** Functional groups whose attributes a classic image has at the top. */
    private static final int[] MACROS = {
        // What was converted from classic images comes first: the groups proper know better.
        Tag.UNASSIGNED_SHARED_CONVERTED_ATTRIBUTES_SEQUENCE,
        Tag.UNASSIGNED_PER_FRAME_CONVERTED_ATTRIBUTES_SEQUENCE,
        Tag.PIXEL_MEASURES_SEQUENCE,
        Tag.PLANE_POSITION_SEQUENCE,
        Tag.PLANE_ORIENTATION_SEQUENCE,
        Tag.PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
        Tag.FRAME_CONTENT_SEQUENCE,
        Tag.FRAME_ANATOMY_SEQUENCE,
        Tag.CT_IMAGE_FRAME_TYPE_SEQUENCE,
        Tag.CT_ACQUISITION_TYPE_SEQUENCE,
        Tag.CT_ACQUISITION_DETAILS_SEQUENCE,
        Tag.CT_RECONSTRUCTION_SEQUENCE,
        Tag.CT_X_RAY_DETAILS_SEQUENCE,
    };

    /** What no functional group may change: which instance it is and how its pixels are stored. */
    private static final Set<Integer> OF_THE_INSTANCE = Set.of(
            Tag.SPECIFIC_CHARACTER_SET,
            Tag.SOP_CLASS_UID,
            Tag.SOP_INSTANCE_UID,
            Tag.STUDY_INSTANCE_UID,
            Tag.SERIES_INSTANCE_UID,
            Tag.SAMPLES_PER_PIXEL,
            Tag.PHOTOMETRIC_INTERPRETATION,
            Tag.ROWS,
            Tag.COLUMNS,
            Tag.BITS_ALLOCATED,
            Tag.BITS_STORED,
            Tag.HIGH_BIT,
            Tag.PIXEL_REPRESENTATION);

    private static final int PATIENT_GROUP = 0x0010;

    private ImageFrames() {}

    /** Whether instances of this class are CT slices, one or many in each. */
    public static boolean isCt(String sopClassUid) {
        return sopClassUid.equals(CT_IMAGE_STORAGE) || ENHANCED.contains(sopClassUid);
    }

    /**
     * The frames of a CT image in the order in which they are stored; any other instance is its own only frame. A frame whose functional
     * groups are missing or cannot be read has no position: it cannot be placed, and whoever places frames says so.
     *
     * @param dataSet may hold its pixels or not; they are not looked at
     * @param framesMax not more than one frame above this is taken apart: enough to refuse them all
     * @throws DicomException when the number of frames is no number
     */
    public static List<DicomObject> of(DicomObject dataSet, int framesMax) {
        String sopClass = dataSet.requiredUid(Tag.SOP_CLASS_UID);
        int count = frameCount(dataSet);
        if (!isCt(sopClass) || count == 1 && !ENHANCED.contains(sopClass)) {
            return List.of(
                    dataSet.contains(Tag.REFERENCED_FRAME_NUMBER)
                            ? dataSet.toBuilder()
                                    .remove(Tag.REFERENCED_FRAME_NUMBER)
                                    .build()
                            : dataSet);
        }
        DicomObject top = dataSet.toBuilder()
                .remove(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE)
                .remove(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)
                .remove(Tag.NUMBER_OF_FRAMES)
                .remove(Tag.PIXEL_DATA)
                .build();
        List<DicomObject> shared = items(dataSet, Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
        List<DicomObject> own = items(dataSet, Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        boolean told = own.size() == count && shared.size() <= 1;
        List<DicomObject> frames = new ArrayList<>();
        for (int i = 0; i < Math.min(count, framesMax + 1); i++) {
            List<DicomObject> groups =
                    told ? Stream.concat(shared.stream(), Stream.of(own.get(i))).toList() : List.of();
            frames.add(frame(top, groups, i + 1));
        }
        return frames;
    }

    /** How many frames an instance says that it has; 1 when it does not say. */
    static int frameCount(DicomObject dataSet) {
        int count = dataSet.integer(Tag.NUMBER_OF_FRAMES).orElse(1);
        if (count < 1) {
            throw new DicomException(
                    DicomException.Code.INVALID_VALUE, Tag.text(Tag.NUMBER_OF_FRAMES) + " is less than 1");
        }
        return count;
    }

    private static List<DicomObject> items(DicomObject dataSet, int tag) {
        try {
            return dataSet.sequence(tag);
        } catch (DicomException e) {
            return List.of();
        }
    }

    private static DicomObject frame(DicomObject top, List<DicomObject> groups, int number) {
        DicomObjectBuilder frame = top.toBuilder();
        try {
            if (groups.isEmpty()) {
                return numbered(frame.remove(Tag.IMAGE_POSITION_PATIENT), number);
            }
            // Else one position at the top would be that of all frames.
            frame.remove(Tag.IMAGE_POSITION_PATIENT);
            for (DicomObject group : groups) {
                for (int macro : MACROS) {
                    group.sequence(macro).stream().findFirst().ifPresent(item -> spread(frame, item));
                }
            }
            names(frame);
            contrast(frame, groups);
            return numbered(frame, number);
        } catch (DicomException e) {
            // Half of what a frame says may be the wrong half.
            return numbered(top.toBuilder().remove(Tag.IMAGE_POSITION_PATIENT), number);
        }
    }

    private static DicomObject numbered(DicomObjectBuilder frame, int number) {
        return frame.integer(Tag.REFERENCED_FRAME_NUMBER, Vr.IS, number).build();
    }

    private static void spread(DicomObjectBuilder frame, DicomObject item) {
        for (DataElement element : item.elements()) {
            boolean others = OF_THE_INSTANCE.contains(element.tag()) || element.tag() >>> 16 == PATIENT_GROUP;
            if (!others) {
                frame.put(element);
            }
        }
    }

    /** Attributes that have another name in a classic image. */
    private static void names(DicomObjectBuilder frame) {
        DicomObject said = frame.build();
        imageType(frame, said);
        OptionalInt acquisition = said.integer(Tag.FRAME_ACQUISITION_NUMBER);
        if (acquisition.isPresent()) {
            frame.integer(Tag.ACQUISITION_NUMBER, Vr.IS, acquisition.getAsInt());
        }
        said.string(Tag.FRAME_ACQUISITION_DATE_TIME)
                .or(() -> said.string(Tag.FRAME_REFERENCE_DATE_TIME))
                .ifPresent(at -> frame.string(Tag.ACQUISITION_DATE_TIME, Vr.DT, at));
        OptionalInt time = said.integer(Tag.TEMPORAL_POSITION_INDEX);
        if (time.isPresent()) {
            frame.integer(Tag.TEMPORAL_POSITION_IDENTIFIER, Vr.IS, time.getAsInt());
        }
        Optional<String> kernel = said.string(Tag.CONVOLUTION_KERNEL);
        said.string(Tag.CONVOLUTION_KERNEL_GROUP)
                .filter(group -> kernel.isEmpty() || group.equals("BONE") || group.equals("LUNG"))
                .ifPresent(group -> frame.string(Tag.CONVOLUTION_KERNEL, Vr.SH, group));
        if (said.string(Tag.BODY_PART_EXAMINED).isEmpty()) {
            said.sequence(Tag.ANATOMIC_REGION_SEQUENCE).stream()
                    .findFirst()
                    .ifPresent(region -> bodyPart(frame, region));
        }
    }

    /** The region's code where it is the head's or the brain's, in whatever words (PS3.16 CID 4): a hint, no more. */
    private static void bodyPart(DicomObjectBuilder frame, DicomObject region) {
        String code = region.string(Tag.CODE_VALUE).orElse("");
        if (Set.of("69536005", "12738006", "774007", "89546000", "T-D1100", "T-A0100", "T-11100")
                .contains(code)) {
            frame.string(Tag.BODY_PART_EXAMINED, Vr.CS, "HEAD");
        }
    }

    /** Frame Type (PS3.3 C.8.16.1) with what else tells slices from what was made of slices. */
    private static void imageType(DicomObjectBuilder frame, DicomObject said) {
        List<String> type = new ArrayList<>(said.strings(Tag.FRAME_TYPE));
        if (type.isEmpty()) {
            type.addAll(said.strings(Tag.IMAGE_TYPE));
        }
        said.string(Tag.VOLUME_BASED_CALCULATION_TECHNIQUE)
                .filter(technique -> !technique.equals("NONE"))
                .ifPresent(type::add);
        said.string(Tag.VOLUMETRIC_PROPERTIES)
                .filter(properties -> properties.equals("DISTORTED"))
                .ifPresent(type::add);
        // A localizer's tube stands still (PS3.3 C.8.15.3.2).
        said.string(Tag.ACQUISITION_TYPE)
                .filter(kind -> kind.equals("CONSTANT_ANGLE"))
                .ifPresent(_ -> type.add("LOCALIZER"));
        if (!type.isEmpty()) {
            frame.string(Tag.IMAGE_TYPE, Vr.CS, type.toArray(String[]::new));
        }
    }

    /** An agent of the whole image that was not given when this frame was acquired (PS3.3 C.7.6.16.2.12). */
    private static void contrast(DicomObjectBuilder frame, List<DicomObject> groups) {
        List<DicomObject> usage = groups.stream()
                .flatMap(group -> group.sequence(Tag.CONTRAST_BOLUS_USAGE_SEQUENCE).stream())
                .toList();
        boolean none = !usage.isEmpty()
                && usage.stream()
                        .allMatch(item -> item.string(Tag.CONTRAST_BOLUS_AGENT_ADMINISTERED)
                                .orElse("")
                                .equals("NO"));
        if (none) {
            frame.remove(Tag.CONTRAST_BOLUS_AGENT)
                    .remove(Tag.CONTRAST_BOLUS_AGENT_SEQUENCE)
                    .remove(Tag.CONTRAST_BOLUS_ROUTE)
                    .remove(Tag.CONTRAST_BOLUS_VOLUME)
                    .remove(Tag.CONTRAST_BOLUS_TOTAL_DOSE)
                    .remove(Tag.CONTRAST_BOLUS_INGREDIENT);
        }
    }
}
