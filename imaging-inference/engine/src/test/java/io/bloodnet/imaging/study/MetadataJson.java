package io.bloodnet.imaging.study;

import io.bloodnet.imaging.dicom.DataElement;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A data set as archives give it as metadata (PS3.18 Annex F), without its pixels. */
final class MetadataJson {

    private MetadataJson() {}

    static String of(DicomObject dataSet) {
        return dataSet.elements().stream()
                .filter(element -> element.tag() != Tag.PIXEL_DATA)
                .map(element -> "\"%08X\":{\"vr\":\"%s\",\"Value\":[%s]}"
                        .formatted(element.tag(), element.vr(), values(dataSet, element)))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String values(DicomObject dataSet, DataElement element) {
        int tag = element.tag();
        return switch (element.vr()) {
            case SQ -> dataSet.sequence(tag).stream().map(MetadataJson::of).collect(Collectors.joining(","));
            case US, SS, UL, SL, IS ->
                Arrays.stream(dataSet.integers(tag)).mapToObj(Long::toString).collect(Collectors.joining(","));
            case DS, FD, FL ->
                Arrays.stream(dataSet.decimals(tag)).mapToObj(Double::toString).collect(Collectors.joining(","));
            case PN -> "{\"Alphabetic\":\"" + dataSet.string(tag).orElse("") + "\"}";
            default ->
                dataSet.strings(tag).stream().map(text -> "\"" + text + "\"").collect(Collectors.joining(","));
        };
    }
}
