package io.bloodnet.imaging.dicom;

/** The data element tags that this product reads or writes, named by their PS3.6 keywords. */
public final class Tag {

    public static final int FILE_META_INFORMATION_GROUP_LENGTH = 0x0002_0000;
    public static final int FILE_META_INFORMATION_VERSION = 0x0002_0001;
    public static final int MEDIA_STORAGE_SOP_CLASS_UID = 0x0002_0002;
    public static final int MEDIA_STORAGE_SOP_INSTANCE_UID = 0x0002_0003;
    public static final int TRANSFER_SYNTAX_UID = 0x0002_0010;
    public static final int IMPLEMENTATION_CLASS_UID = 0x0002_0012;
    public static final int IMPLEMENTATION_VERSION_NAME = 0x0002_0013;

    public static final int SPECIFIC_CHARACTER_SET = 0x0008_0005;
    public static final int IMAGE_TYPE = 0x0008_0008;
    public static final int SOP_CLASS_UID = 0x0008_0016;
    public static final int SOP_INSTANCE_UID = 0x0008_0018;
    public static final int STUDY_DATE = 0x0008_0020;
    public static final int SERIES_DATE = 0x0008_0021;
    public static final int ACQUISITION_DATE = 0x0008_0022;
    public static final int CONTENT_DATE = 0x0008_0023;
    public static final int STUDY_TIME = 0x0008_0030;
    public static final int SERIES_TIME = 0x0008_0031;
    public static final int ACQUISITION_TIME = 0x0008_0032;
    public static final int CONTENT_TIME = 0x0008_0033;
    public static final int ACQUISITION_DATE_TIME = 0x0008_002A;
    public static final int ACCESSION_NUMBER = 0x0008_0050;
    public static final int ISSUER_OF_ACCESSION_NUMBER_SEQUENCE = 0x0008_0051;
    public static final int RETRIEVE_AE_TITLE = 0x0008_0054;
    public static final int INSTANCE_AVAILABILITY = 0x0008_0056;
    public static final int MODALITY = 0x0008_0060;
    public static final int MODALITIES_IN_STUDY = 0x0008_0061;
    public static final int SOP_CLASSES_IN_STUDY = 0x0008_0062;
    public static final int MANUFACTURER = 0x0008_0070;
    public static final int INSTITUTION_NAME = 0x0008_0080;
    public static final int REFERRING_PHYSICIAN_NAME = 0x0008_0090;
    public static final int CODE_VALUE = 0x0008_0100;
    public static final int CODING_SCHEME_DESIGNATOR = 0x0008_0102;
    public static final int CODE_MEANING = 0x0008_0104;
    public static final int TIMEZONE_OFFSET_FROM_UTC = 0x0008_0201;
    public static final int STATION_NAME = 0x0008_1010;
    public static final int STUDY_DESCRIPTION = 0x0008_1030;
    public static final int SERIES_DESCRIPTION = 0x0008_103E;
    public static final int MANUFACTURER_MODEL_NAME = 0x0008_1090;
    public static final int REFERENCED_SERIES_SEQUENCE = 0x0008_1115;
    public static final int REFERENCED_INSTANCE_SEQUENCE = 0x0008_114A;
    public static final int REFERENCED_SOP_CLASS_UID = 0x0008_1150;
    public static final int REFERENCED_SOP_INSTANCE_UID = 0x0008_1155;
    public static final int REFERENCED_FRAME_NUMBER = 0x0008_1160;
    public static final int RETRIEVE_URL = 0x0008_1190;
    public static final int WARNING_REASON = 0x0008_1196;
    public static final int FAILURE_REASON = 0x0008_1197;
    public static final int FAILED_SOP_SEQUENCE = 0x0008_1198;
    public static final int REFERENCED_SOP_SEQUENCE = 0x0008_1199;
    public static final int SOURCE_IMAGE_SEQUENCE = 0x0008_2112;
    public static final int ANATOMIC_REGION_SEQUENCE = 0x0008_2218;
    public static final int DERIVATION_IMAGE_SEQUENCE = 0x0008_9124;
    public static final int FRAME_TYPE = 0x0008_9007;
    public static final int VOLUMETRIC_PROPERTIES = 0x0008_9206;
    public static final int VOLUME_BASED_CALCULATION_TECHNIQUE = 0x0008_9207;
    public static final int DERIVATION_CODE_SEQUENCE = 0x0008_9215;

    public static final int PATIENT_NAME = 0x0010_0010;
    public static final int PATIENT_ID = 0x0010_0020;
    public static final int ISSUER_OF_PATIENT_ID = 0x0010_0021;
    public static final int PATIENT_BIRTH_DATE = 0x0010_0030;
    public static final int PATIENT_SEX = 0x0010_0040;
    public static final int PATIENT_AGE = 0x0010_1010;
    public static final int OTHER_PATIENT_IDS_SEQUENCE = 0x0010_1002;

    public static final int CONTRAST_BOLUS_AGENT = 0x0018_0010;
    public static final int CONTRAST_BOLUS_AGENT_SEQUENCE = 0x0018_0012;
    public static final int BODY_PART_EXAMINED = 0x0018_0015;
    public static final int SLICE_THICKNESS = 0x0018_0050;
    public static final int KVP = 0x0018_0060;
    public static final int SPACING_BETWEEN_SLICES = 0x0018_0088;
    public static final int DEVICE_SERIAL_NUMBER = 0x0018_1000;
    public static final int SOFTWARE_VERSIONS = 0x0018_1020;
    public static final int PROTOCOL_NAME = 0x0018_1030;
    public static final int CONTRAST_BOLUS_ROUTE = 0x0018_1040;
    public static final int CONTRAST_BOLUS_VOLUME = 0x0018_1041;
    public static final int CONTRAST_BOLUS_TOTAL_DOSE = 0x0018_1044;
    public static final int CONTRAST_BOLUS_INGREDIENT = 0x0018_1048;
    public static final int GANTRY_DETECTOR_TILT = 0x0018_1120;
    public static final int CONVOLUTION_KERNEL = 0x0018_1210;
    public static final int PATIENT_POSITION = 0x0018_5100;
    public static final int FRAME_REFERENCE_DATE_TIME = 0x0018_9151;
    public static final int FRAME_ACQUISITION_DATE_TIME = 0x0018_9074;
    public static final int CT_ACQUISITION_TYPE_SEQUENCE = 0x0018_9301;
    public static final int ACQUISITION_TYPE = 0x0018_9302;
    public static final int CT_ACQUISITION_DETAILS_SEQUENCE = 0x0018_9304;
    public static final int CT_RECONSTRUCTION_SEQUENCE = 0x0018_9314;
    public static final int CONVOLUTION_KERNEL_GROUP = 0x0018_9316;
    public static final int CT_X_RAY_DETAILS_SEQUENCE = 0x0018_9325;
    public static final int CT_IMAGE_FRAME_TYPE_SEQUENCE = 0x0018_9329;
    public static final int CONTRAST_BOLUS_USAGE_SEQUENCE = 0x0018_9341;
    public static final int CONTRAST_BOLUS_AGENT_ADMINISTERED = 0x0018_9342;

    public static final int STUDY_INSTANCE_UID = 0x0020_000D;
    public static final int SERIES_INSTANCE_UID = 0x0020_000E;
    public static final int STUDY_ID = 0x0020_0010;
    public static final int SERIES_NUMBER = 0x0020_0011;
    public static final int ACQUISITION_NUMBER = 0x0020_0012;
    public static final int INSTANCE_NUMBER = 0x0020_0013;
    public static final int TEMPORAL_POSITION_IDENTIFIER = 0x0020_0100;
    public static final int IMAGE_POSITION_PATIENT = 0x0020_0032;
    public static final int IMAGE_ORIENTATION_PATIENT = 0x0020_0037;
    public static final int FRAME_OF_REFERENCE_UID = 0x0020_0052;
    public static final int POSITION_REFERENCE_INDICATOR = 0x0020_1040;
    public static final int SLICE_LOCATION = 0x0020_1041;
    public static final int NUMBER_OF_STUDY_RELATED_SERIES = 0x0020_1206;
    public static final int NUMBER_OF_STUDY_RELATED_INSTANCES = 0x0020_1208;
    public static final int NUMBER_OF_SERIES_RELATED_INSTANCES = 0x0020_1209;
    public static final int STACK_ID = 0x0020_9056;
    public static final int FRAME_ANATOMY_SEQUENCE = 0x0020_9071;
    public static final int FRAME_CONTENT_SEQUENCE = 0x0020_9111;
    public static final int PLANE_POSITION_SEQUENCE = 0x0020_9113;
    public static final int PLANE_ORIENTATION_SEQUENCE = 0x0020_9116;
    public static final int TEMPORAL_POSITION_INDEX = 0x0020_9128;
    public static final int FRAME_ACQUISITION_NUMBER = 0x0020_9156;
    public static final int DIMENSION_INDEX_VALUES = 0x0020_9157;
    public static final int CONCATENATION_UID = 0x0020_9161;
    public static final int IN_CONCATENATION_NUMBER = 0x0020_9162;
    public static final int IN_CONCATENATION_TOTAL_NUMBER = 0x0020_9163;
    public static final int DIMENSION_ORGANIZATION_UID = 0x0020_9164;
    public static final int DIMENSION_INDEX_POINTER = 0x0020_9165;
    public static final int FUNCTIONAL_GROUP_POINTER = 0x0020_9167;
    public static final int UNASSIGNED_SHARED_CONVERTED_ATTRIBUTES_SEQUENCE = 0x0020_9170;
    public static final int UNASSIGNED_PER_FRAME_CONVERTED_ATTRIBUTES_SEQUENCE = 0x0020_9171;
    public static final int CONCATENATION_FRAME_OFFSET_NUMBER = 0x0020_9228;
    public static final int DIMENSION_ORGANIZATION_SEQUENCE = 0x0020_9221;
    public static final int DIMENSION_INDEX_SEQUENCE = 0x0020_9222;
    public static final int DIMENSION_ORGANIZATION_TYPE = 0x0020_9311;
    public static final int DIMENSION_DESCRIPTION_LABEL = 0x0020_9421;

    public static final int ALGORITHM_FAMILY_CODE_SEQUENCE = 0x0066_002F;
    public static final int ALGORITHM_NAME = 0x0066_0036;
    public static final int ALGORITHM_VERSION = 0x0066_0031;
    public static final int ALGORITHM_SOURCE = 0x0024_0202;

    public static final int SAMPLES_PER_PIXEL = 0x0028_0002;
    public static final int PHOTOMETRIC_INTERPRETATION = 0x0028_0004;
    public static final int NUMBER_OF_FRAMES = 0x0028_0008;
    public static final int ROWS = 0x0028_0010;
    public static final int COLUMNS = 0x0028_0011;
    public static final int PIXEL_SPACING = 0x0028_0030;
    public static final int BITS_ALLOCATED = 0x0028_0100;
    public static final int BITS_STORED = 0x0028_0101;
    public static final int HIGH_BIT = 0x0028_0102;
    public static final int PIXEL_REPRESENTATION = 0x0028_0103;
    public static final int PIXEL_PADDING_VALUE = 0x0028_0120;
    public static final int PIXEL_PADDING_RANGE_LIMIT = 0x0028_0121;
    public static final int BURNED_IN_ANNOTATION = 0x0028_0301;
    public static final int WINDOW_CENTER = 0x0028_1050;
    public static final int WINDOW_WIDTH = 0x0028_1051;
    public static final int RESCALE_INTERCEPT = 0x0028_1052;
    public static final int RESCALE_SLOPE = 0x0028_1053;
    public static final int RESCALE_TYPE = 0x0028_1054;
    public static final int SPATIAL_LOCATIONS_PRESERVED = 0x0028_135A;
    public static final int LOSSY_IMAGE_COMPRESSION = 0x0028_2110;
    public static final int LOSSY_IMAGE_COMPRESSION_RATIO = 0x0028_2112;
    public static final int LOSSY_IMAGE_COMPRESSION_METHOD = 0x0028_2114;
    public static final int PIXEL_MEASURES_SEQUENCE = 0x0028_9110;
    public static final int PIXEL_VALUE_TRANSFORMATION_SEQUENCE = 0x0028_9145;

    public static final int REQUESTED_PROCEDURE_DESCRIPTION = 0x0032_1060;
    public static final int SCHEDULED_PROCEDURE_STEP_DESCRIPTION = 0x0040_0007;
    public static final int PERFORMED_PROCEDURE_STEP_DESCRIPTION = 0x0040_0254;
    public static final int REQUEST_ATTRIBUTES_SEQUENCE = 0x0040_0275;

    public static final int PURPOSE_OF_REFERENCE_CODE_SEQUENCE = 0x0040_A170;

    public static final int SEGMENTATION_TYPE = 0x0062_0001;
    public static final int SEGMENT_SEQUENCE = 0x0062_0002;
    public static final int SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE = 0x0062_0003;
    public static final int SEGMENT_NUMBER = 0x0062_0004;
    public static final int SEGMENT_LABEL = 0x0062_0005;
    public static final int SEGMENT_DESCRIPTION = 0x0062_0006;
    public static final int SEGMENTATION_ALGORITHM_IDENTIFICATION_SEQUENCE = 0x0062_0007;
    public static final int SEGMENT_ALGORITHM_TYPE = 0x0062_0008;
    public static final int SEGMENT_ALGORITHM_NAME = 0x0062_0009;
    public static final int SEGMENT_IDENTIFICATION_SEQUENCE = 0x0062_000A;
    public static final int REFERENCED_SEGMENT_NUMBER = 0x0062_000B;
    public static final int RECOMMENDED_DISPLAY_CIELAB_VALUE = 0x0062_000D;
    public static final int SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE = 0x0062_000F;
    public static final int TRACKING_ID = 0x0062_0020;
    public static final int TRACKING_UID = 0x0062_0021;

    public static final int CONTENT_LABEL = 0x0070_0080;
    public static final int CONTENT_DESCRIPTION = 0x0070_0081;
    public static final int CONTENT_CREATOR_NAME = 0x0070_0084;

    public static final int SHARED_FUNCTIONAL_GROUPS_SEQUENCE = 0x5200_9229;
    public static final int PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE = 0x5200_9230;

    public static final int EXTENDED_OFFSET_TABLE = 0x7FE0_0001;
    public static final int EXTENDED_OFFSET_TABLE_LENGTHS = 0x7FE0_0002;
    public static final int PIXEL_DATA = 0x7FE0_0010;

    static final int ITEM = 0xFFFE_E000;
    static final int ITEM_DELIMITATION = 0xFFFE_E00D;
    static final int SEQUENCE_DELIMITATION = 0xFFFE_E0DD;

    private Tag() {}

    /** The tag as people write it, for messages: {@code (0028,0010)}. */
    public static String text(int tag) {
        return "(%04X,%04X)".formatted(tag >>> 16, tag & 0xFFFF);
    }

    static int group(int tag) {
        return tag >>> 16;
    }

    static boolean isPrivate(int tag) {
        return (group(tag) & 1) == 1;
    }
}
