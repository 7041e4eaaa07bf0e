package io.bloodnet.imaging.dicom.json;

import io.bloodnet.imaging.dicom.DataElement;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomException.Code;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.TextEncoding;
import io.bloodnet.imaging.dicom.Vr;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Reads the Native DICOM Model (PS3.19 A.1), in which some archives answer STOW-RS whatever was asked for: UIDs, texts, decimal numbers
 * and sequences; other values are left out. No document type, no entity, nothing outside of the document is read. Safe for many threads.
 */
public final class DicomXml {

    private final DicomLimits limits;
    private final XMLInputFactory factory = XMLInputFactory.newDefaultFactory();

    /** @param limits {@code maxJsonBytes} bounds a document, {@code maxDepth} its nesting */
    public DicomXml(DicomLimits limits) {
        this.limits = limits;
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    }

    /**
     * The data set of one document. The stream is read to its end and not closed.
     *
     * @throws DicomException INVALID_STRUCTURE when it is no such document, TOO_LARGE or TOO_DEEP
     * @throws IOException from the stream
     */
    public DicomObject read(InputStream input) throws IOException {
        byte[] bytes = input.readNBytes(limits.maxJsonBytes() + 1);
        if (bytes.length > limits.maxJsonBytes()) {
            throw new DicomException(Code.TOO_LARGE, "DICOM XML of more than " + limits.maxJsonBytes() + " bytes");
        }
        try {
            XMLStreamReader xml = factory.createXMLStreamReader(new ByteArrayInputStream(bytes));
            while (xml.hasNext()) {
                if (xml.next() == XMLStreamConstants.START_ELEMENT) {
                    if (!xml.getLocalName().equals("NativeDicomModel")) {
                        throw new DicomException(Code.INVALID_STRUCTURE, "the document is no Native DICOM Model");
                    }
                    return dataSet(xml, 0);
                }
            }
            throw new DicomException(Code.INVALID_STRUCTURE, "the document is empty");
        } catch (XMLStreamException e) {
            // The parser's message may quote the input.
            throw new DicomException(Code.INVALID_STRUCTURE, "no XML");
        }
    }

    /** The attributes up to the end of the element that the reader stands on. */
    private DicomObject dataSet(XMLStreamReader xml, int depth) throws XMLStreamException {
        if (depth > limits.maxDepth()) {
            throw new DicomException(Code.TOO_DEEP, "more than " + limits.maxDepth() + " nested sequences");
        }
        DicomObjectBuilder builder = new DicomObjectBuilder(TextEncoding.UTF_8);
        while (xml.next() != XMLStreamConstants.END_ELEMENT) {
            if (xml.getEventType() == XMLStreamConstants.START_ELEMENT) {
                attribute(xml, builder, depth);
            }
        }
        return builder.build();
    }

    private void attribute(XMLStreamReader xml, DicomObjectBuilder builder, int depth) throws XMLStreamException {
        String name = String.valueOf(xml.getAttributeValue(null, "tag"));
        String vrName = String.valueOf(xml.getAttributeValue(null, "vr"));
        Vr vr = vrName.length() == 2 ? Vr.of(vrName.charAt(0), vrName.charAt(1)) : null;
        List<String> values = new ArrayList<>();
        List<DicomObject> items = new ArrayList<>();
        while (xml.next() != XMLStreamConstants.END_ELEMENT) {
            if (xml.getEventType() == XMLStreamConstants.START_ELEMENT) {
                switch (xml.getLocalName()) {
                    case "Value" -> values.add(xml.getElementText());
                    case "Item" -> items.add(dataSet(xml, depth + 1));
                    default -> skip(xml);
                }
            }
        }
        if (vr == null || !name.matches("[0-9A-Fa-f]{8}")) {
            return;
        }
        int tag = Integer.parseUnsignedInt(name, 16);
        switch (vr.kind()) {
            case SEQUENCE -> builder.sequence(tag, items);
            case TEXT, LOCAL_TEXT -> builder.bytes(tag, vr, TextEncoding.UTF_8.encode(String.join("\\", values), tag));
            case NUMBER -> number(builder, tag, vr, values);
            case BINARY -> {}
        }
    }

    private static void number(DicomObjectBuilder builder, int tag, Vr vr, List<String> values) {
        try {
            builder.integer(
                    tag,
                    vr,
                    values.stream()
                            .map(String::strip)
                            .mapToLong(Long::parseLong)
                            .toArray());
        } catch (NumberFormatException | DicomException e) {
            builder.put(new DataElement.Unreadable(tag, vr, "has a value that is no whole number of its VR"));
        }
    }

    private static void skip(XMLStreamReader xml) throws XMLStreamException {
        int open = 1;
        while (open > 0) {
            switch (xml.next()) {
                case XMLStreamConstants.START_ELEMENT -> open++;
                case XMLStreamConstants.END_ELEMENT -> open--;
                default -> {} // text and comments
            }
        }
    }
}
