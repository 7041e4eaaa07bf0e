package io.bloodnet.imaging.codec;

import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.DicomToolkit;
import io.bloodnet.imaging.dicom.DicomWriter;
import io.bloodnet.imaging.dicom.FrameDecoding;
import io.bloodnet.imaging.dicom.json.DicomJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** The project's own reader, writer and decoder, within limits. */
public final class OwnToolkit implements DicomToolkit {

    private final DicomReader reader;
    private final FrameDecoder decoder;
    private final DicomJson json;

    public OwnToolkit(DicomLimits limits) {
        this.reader = new DicomReader(limits);
        this.decoder = new FrameDecoder(limits);
        this.json = new DicomJson(limits);
    }

    @Override
    public DicomFile read(byte[] part10) {
        return reader.read(part10);
    }

    @Override
    public byte[] write(DicomFile file) {
        return DicomWriter.write(file);
    }

    @Override
    public FrameDecoding decode(DicomFile file, int index) {
        return decoder.decode(file, index);
    }

    @Override
    public List<DicomObject> readJson(InputStream stream) throws IOException {
        return json.read(stream);
    }
}
