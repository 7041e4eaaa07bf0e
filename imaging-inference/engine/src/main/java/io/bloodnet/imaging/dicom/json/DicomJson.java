package io.bloodnet.imaging.dicom.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomException.Code;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the DICOM JSON Model (PS3.18 Annex F) that QIDO-RS, metadata and STOW-RS answers come in. Unchanging, safe to share between
 * threads. Texts are UTF-8 whatever Specific Character Set says (PS3.18 F.2), so the result says ISO_IR 192.
 */
public final class DicomJson {

    private static final int NUMBER_LENGTH_MAX = 64;
    private static final int NAME_LENGTH_MAX = 256;

    /** JSON levels of one sequence: the element, its Value array, the item. */
    private static final int LEVELS_PER_SEQUENCE = 3;

    /** JSON tokens of one element with a value: name, braces, "vr" and "Value" with theirs, and room for more values. */
    private static final int TOKENS_PER_ELEMENT = 16;

    private final DicomLimits limits;
    private final ObjectMapper mapper;

    public DicomJson(DicomLimits limits) {
        this.limits = limits;
        this.mapper = new ObjectMapper(JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                // Bare NaN and Infinity are no JSON, but some archives write them.
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(LEVELS_PER_SEQUENCE * (limits.maxDepth() + 2))
                        .maxTokenCount((long) TOKENS_PER_ELEMENT * limits.maxElements())
                        .maxStringLength(limits.maxJsonBytes())
                        .maxNumberLength(NUMBER_LENGTH_MAX)
                        .maxNameLength(NAME_LENGTH_MAX)
                        .build())
                .build());
    }

    /**
     * The data sets of one answer: an array of objects, or one object alone. The stream is read to its end and not closed.
     *
     * @throws DicomException INVALID_JSON, TOO_LARGE (also for too deep nesting and too many tokens) or INVALID_VALUE
     * @throws IOException from the stream
     */
    public List<DicomObject> read(InputStream input) throws IOException {
        byte[] bytes = withoutMark(input.readNBytes(limits.maxJsonBytes() + 1));
        if (bytes.length > limits.maxJsonBytes()) {
            throw new DicomException(Code.TOO_LARGE, "DICOM JSON of more than " + limits.maxJsonBytes() + " bytes");
        }
        // A reader, since Jackson would guess UTF-16 and UTF-32 from bytes, which the standard does not allow here.
        try (JsonParser parser =
                mapper.createParser(new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.UTF_8))) {
            return answer(parser);
        } catch (StreamConstraintsException e) {
            throw new DicomException(Code.TOO_LARGE, "DICOM JSON exceeds the limits on nesting, tokens or numbers");
        } catch (JsonProcessingException e) {
            // Jackson's message quotes the input, which may be a patient's: only the place is told.
            long offset = e.getLocation() == null ? -1 : e.getLocation().getCharOffset();
            throw new DicomException(Code.INVALID_JSON, "no JSON at character " + offset);
        }
    }

    /** RFC 8259 8.1: a byte order mark is not to be sent, and may be ignored. */
    private static byte[] withoutMark(byte[] bytes) {
        boolean marked =
                bytes.length >= 3 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB && bytes[2] == (byte) 0xBF;
        return marked ? Arrays.copyOfRange(bytes, 3, bytes.length) : bytes;
    }

    /** One data set's tree at a time, so that a long answer never stands in memory as a tree. */
    private static List<DicomObject> answer(JsonParser parser) throws IOException {
        List<DicomObject> objects = new ArrayList<>();
        JsonToken first = parser.nextToken();
        if (first == JsonToken.START_OBJECT) {
            objects.add(DicomJsonObject.read(parser.<JsonNode>readValueAsTree()));
        } else if (first == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                objects.add(DicomJsonObject.read(parser.<JsonNode>readValueAsTree()));
            }
        } else {
            throw new DicomException(Code.INVALID_JSON, "neither a data set nor an array of them");
        }
        if (parser.nextToken() != null) {
            throw new DicomException(Code.INVALID_JSON, "more after the end of the answer");
        }
        return objects;
    }
}
