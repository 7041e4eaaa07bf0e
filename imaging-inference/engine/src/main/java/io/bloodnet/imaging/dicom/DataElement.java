package io.bloodnet.imaging.dicom;

import java.util.List;

/** One data element (PS3.5 section 7.1) in one of the five forms that a value takes. */
public sealed interface DataElement {

    int tag();

    Vr vr();

    /** Bytes in little endian, padded or not. */
    record Value(int tag, Vr vr, Bytes bytes) implements DataElement {}

    /** Nested data sets. */
    record Sequence(int tag, List<DicomObject> items) implements DataElement {

        public Sequence {
            items = List.copyOf(items);
        }

        @Override
        public Vr vr() {
            return Vr.SQ;
        }
    }

    /**
     * Encapsulated pixel data (PS3.5 section A.4).
     *
     * @param offsetTable the Basic Offset Table, often empty
     */
    record Fragments(int tag, Vr vr, Bytes offsetTable, List<Bytes> fragments) implements DataElement {

        public Fragments {
            fragments = List.copyOf(fragments);
        }
    }

    /** A value that DICOM JSON left elsewhere (PS3.18 F.2.6). The address is kept as it came and never contacted. */
    record BulkReference(int tag, Vr vr, String uri) implements DataElement {}

    /**
     * A value of DICOM JSON that breaks the rules of its VR. It fails when it is read and harms nobody who does not need it: archives send
     * {@code "NaN"}, {@code "-Infinity"} and {@code [null]} in attributes that we never ask for.
     *
     * @param problem what is wrong, without the value
     */
    record Unreadable(int tag, Vr vr, String problem) implements DataElement {}
}
