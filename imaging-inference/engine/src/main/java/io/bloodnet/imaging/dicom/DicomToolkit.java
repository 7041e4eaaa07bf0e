package io.bloodnet.imaging.dicom;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Everything that a DICOM library does for us, so that one can stand in for another: {@code OwnToolkit} is in use, dcm4che is held against it
 * in a module of its own. Implementations are safe for many threads; a call blocks its own. All failures of the input are a
 * {@link DicomException}.
 */
public interface DicomToolkit {

    /** One whole Part 10 file (PS3.10 section 7), any transfer syntax. The array must not change any more. */
    DicomFile read(byte[] part10);

    /** The file in the transfer syntax that its meta information names; pixels are not transcoded. */
    byte[] write(DicomFile file);

    /** One frame's stored values. @param index from 0 */
    FrameDecoding decode(DicomFile file, int index);

    /** The data sets of a DICOM JSON answer (PS3.18 Annex F). @throws IOException from the stream */
    List<DicomObject> readJson(InputStream json) throws IOException;
}
