package io.bloodnet.imaging.dcm4che;

import io.bloodnet.imaging.codec.FrameDecoder;
import io.bloodnet.imaging.dicom.Bytes;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomException.Code;
import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomToolkit;
import io.bloodnet.imaging.dicom.FrameDecoding;
import io.bloodnet.imaging.dicom.Tag;
import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.stream.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.dcm4che3.data.Attributes;
import org.dcm4che3.data.VR;
import org.dcm4che3.io.DicomInputStream;
import org.dcm4che3.io.DicomOutputStream;
import org.dcm4che3.json.JSONReader;

/**
 * dcm4che 5 as a toolkit: reading, writing and JSON are its own. Its decoders are native libraries that it brings along, so frames are
 * decoded by the project's decoder from what dcm4che read. Safe for many threads.
 */
public final class Dcm4cheToolkit implements DicomToolkit {

    private final DicomLimits limits;
    private final FrameDecoder decoder;

    public Dcm4cheToolkit(DicomLimits limits) {
        this.limits = limits;
        this.decoder = new FrameDecoder(limits);
    }

    @Override
    public DicomFile read(byte[] part10) {
        if (part10.length > limits.maxInstanceBytes()) {
            throw new DicomException(Code.TOO_LARGE, "instance of more than " + limits.maxInstanceBytes() + " bytes");
        }
        try (DicomInputStream in = new DicomInputStream(new ByteArrayInputStream(part10))) {
            in.setIncludeBulkData(DicomInputStream.IncludeBulkData.YES);
            Attributes meta = in.readFileMetaInformation();
            if (meta == null) {
                throw new DicomException(Code.NOT_DICOM, "no file meta information");
            }
            return new DicomFile(FromDcm4che.dataSet(meta), FromDcm4che.dataSet(in.readDataset()));
        } catch (IOException | RuntimeException e) {
            throw refused(e, Code.INVALID_STRUCTURE, "dcm4che cannot read the file");
        }
    }

    @Override
    public byte[] write(DicomFile file) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DicomOutputStream out = new DicomOutputStream(bytes, "1.2.840.10008.1.2.1")) {
            out.writeDataset(ToDcm4che.attributes(file.meta()), ToDcm4che.attributes(file.dataSet()));
            out.finish();
        } catch (IOException | RuntimeException e) {
            throw refused(e, Code.INVALID_STRUCTURE, "dcm4che cannot write the file");
        }
        return bytes.toByteArray();
    }

    @Override
    public FrameDecoding decode(DicomFile file, int index) {
        return decoder.decode(file, index);
    }

    @Override
    public List<DicomObject> readJson(InputStream json) throws IOException {
        byte[] bytes = json.readNBytes(limits.maxJsonBytes() + 1);
        if (bytes.length > limits.maxJsonBytes()) {
            throw new DicomException(Code.TOO_LARGE, "DICOM JSON of more than " + limits.maxJsonBytes() + " bytes");
        }
        List<DicomObject> dataSets = new ArrayList<>();
        try (JsonParser parser = Json.createParser(new ByteArrayInputStream(bytes))) {
            new JSONReader(parser).readDatasets((meta, dataSet) -> {
                // PS3.18 F.2: texts are UTF-8, whatever the data set says.
                dataSet.setString(Tag.SPECIFIC_CHARACTER_SET, VR.CS, "ISO_IR 192");
                dataSets.add(FromDcm4che.dataSet(dataSet));
            });
        } catch (JsonException e) {
            throw refused(e, Code.INVALID_JSON, "no DICOM JSON");
        }
        return dataSets;
    }

    /** dcm4che fails on broken input with whatever it runs into first; its messages may quote values and are not passed on. */
    private static DicomException refused(Exception cause, Code code, String message) {
        return cause instanceof DicomException known ? known : new DicomException(code, message);
    }

    /** For the neighbours: bytes without a copy where the library lets us. */
    static Bytes bytes(byte[] value) {
        return Bytes.copyOf(value);
    }
}
