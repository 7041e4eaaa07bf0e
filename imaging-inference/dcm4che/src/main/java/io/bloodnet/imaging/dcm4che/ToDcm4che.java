package io.bloodnet.imaging.dcm4che;

import io.bloodnet.imaging.dicom.Bytes;
import io.bloodnet.imaging.dicom.DataElement;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomException.Code;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Vr;
import org.dcm4che3.data.Attributes;
import org.dcm4che3.data.Fragments;
import org.dcm4che3.data.Sequence;
import org.dcm4che3.data.VR;

/** From our data sets to dcm4che's attributes. */
final class ToDcm4che {

    private ToDcm4che() {}

    /** @throws DicomException MISSING_ELEMENT or INVALID_VALUE for what has no bytes here */
    static Attributes attributes(DicomObject dataSet) {
        Attributes attributes = new Attributes();
        for (DataElement element : dataSet.elements()) {
            switch (element) {
                case DataElement.Value(int tag, Vr vr, Bytes bytes) -> {
                    if (bytes.length() == 0) {
                        attributes.setNull(tag, VR.valueOf(vr.name()));
                    } else {
                        attributes.setBytes(tag, VR.valueOf(vr.name()), bytes.toArray());
                    }
                }
                case DataElement.Sequence(int tag, var items) -> {
                    Sequence sequence = attributes.newSequence(tag, items.size());
                    items.forEach(item -> sequence.add(attributes(item)));
                }
                case DataElement.Fragments pixels -> {
                    Fragments fragments = attributes.newFragments(
                            pixels.tag(),
                            VR.valueOf(pixels.vr().name()),
                            pixels.fragments().size() + 1);
                    fragments.add(pixels.offsetTable().toArray());
                    pixels.fragments().forEach(part -> fragments.add(part.toArray()));
                }
                case DataElement.BulkReference _ ->
                    throw new DicomException(
                            Code.MISSING_ELEMENT, "a value is only a reference, its bytes are elsewhere");
                case DataElement.Unreadable _ ->
                    throw new DicomException(Code.INVALID_VALUE, "a value could not be read");
            }
        }
        return attributes;
    }
}
