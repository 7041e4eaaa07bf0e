package io.bloodnet.imaging.dcm4che;

import io.bloodnet.imaging.dicom.Bytes;
import io.bloodnet.imaging.dicom.DataElement;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomException.Code;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dcm4che3.data.Attributes;
import org.dcm4che3.data.BulkData;
import org.dcm4che3.data.Fragments;
import org.dcm4che3.data.Sequence;
import org.jspecify.annotations.Nullable;

/** From dcm4che's attributes to our data sets. */
final class FromDcm4che {

    private FromDcm4che() {}

    static DicomObject dataSet(Attributes attributes) {
        return dataSet(attributes, null);
    }

    /** @param charset of the data set around it, which items inherit (PS3.5 section 7.5.3) */
    private static DicomObject dataSet(Attributes attributes, @Nullable DataElement charset) {
        DicomObjectBuilder builder = DicomObject.builder();
        DataElement own = attributes.contains(Tag.SPECIFIC_CHARACTER_SET)
                ? element(attributes, Tag.SPECIFIC_CHARACTER_SET, null)
                : charset;
        if (own != null) {
            builder.put(own);
        }
        for (int tag : attributes.tags()) {
            builder.put(element(attributes, tag, own));
        }
        return builder.build();
    }

    private static DataElement element(Attributes attributes, int tag, @Nullable DataElement charset) {
        Vr vr = Vr.valueOf(attributes.getVR(tag).name());
        Object value = attributes.getValue(tag);
        if (vr == Vr.SQ || value instanceof Sequence) {
            List<DicomObject> items = new ArrayList<>();
            Sequence sequence = attributes.getSequence(tag);
            if (sequence != null) {
                sequence.forEach(item -> items.add(dataSet(item, charset)));
            }
            return new DataElement.Sequence(tag, items);
        }
        if (value instanceof Fragments fragments) {
            List<Bytes> parts = new ArrayList<>();
            for (Object part : fragments) {
                parts.add(Dcm4cheToolkit.bytes(part instanceof byte[] bytes ? bytes : new byte[0]));
            }
            return new DataElement.Fragments(tag, vr, parts.getFirst(), parts.subList(1, parts.size()));
        }
        if (value instanceof BulkData bulk) {
            return new DataElement.BulkReference(tag, vr, bulk.getURI());
        }
        return new DataElement.Value(tag, vr, Dcm4cheToolkit.bytes(littleEndian(attributes, tag)));
    }

    private static byte[] littleEndian(Attributes attributes, int tag) {
        try {
            byte[] bytes = attributes.getBytes(tag);
            if (bytes == null) {
                return new byte[0];
            }
            return attributes.bigEndian() ? attributes.getVR(tag).toggleEndian(bytes, true) : bytes;
        } catch (IOException e) {
            throw new DicomException(Code.INVALID_VALUE, Tag.text(tag) + " cannot be read by dcm4che");
        }
    }
}
