package io.bloodnet.imaging.dicomweb;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.json.DicomJson;
import io.bloodnet.imaging.dicom.json.DicomXml;
import io.bloodnet.imaging.finding.Destination.Outcome;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudySourceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * STOW-RS (PS3.18 10.5). Stored means: the archive lists this very instance as stored. A status alone proves nothing: archives answer 200
 * to bodies that they could not read, and 400 or 409 to requests of which they kept a part.
 */
final class MaskUpload {

    private static final String BOUNDARY = "bloodnet-seg-7d1f4c2e9b";

    /** Failure Reason (0008,1197), PS3.18 I.2.2: the instance is there already; ours has the same content under the same UID. */
    private static final int DUPLICATE_INSTANCE = 0x0111;

    private static final int PROCESSING_FAILURE = 0x0110;
    private static final int OUT_OF_RESOURCES = 0xA700;

    private static final Logger LOG = LoggerFactory.getLogger(MaskUpload.class);

    /** The same in the words of Azure Health Data Services: an instance with these UIDs has been stored already. */
    private static final int ALREADY_STORED = 45070;

    private static final int NOT_ACCEPTABLE = 406;

    /** What the answer may come in, best first. */
    private static final List<String> ACCEPTS =
            List.of(StudySearch.JSON, StudySearch.PLAIN_JSON, "application/dicom+xml");

    private final ArchiveHttp http;
    private final StudySearch search;
    private final DicomJson json;
    private final DicomXml xml;
    private final Duration whole;

    /** @param whole what an upload may take in all, however often it must be offered */
    MaskUpload(ArchiveHttp http, StudySearch search, DicomJson json, DicomXml xml, Duration whole) {
        this.whole = whole;
        this.http = http;
        this.search = search;
        this.json = json;
        this.xml = xml;
    }

    Outcome store(StudyUid studyUid, String sopInstanceUid, byte[] seg) {
        List<byte[]> body = List.of(
                ("--" + BOUNDARY + "\r\nContent-Type: application/dicom\r\nContent-Length: " + seg.length + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII),
                seg,
                ("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII));
        String type = "multipart/related; type=\"application/dicom\"; boundary=" + BOUNDARY;
        try {
            Outcome outcome = offer(studyUid, sopInstanceUid, type, body);
            if (!(outcome instanceof Outcome.Delivered) && isThere(studyUid, sopInstanceUid)) {
                outcome = new Outcome.Delivered(sopInstanceUid); // the answer of an earlier try was lost
            }
            LOG.info("mask offered to the archive: {}", outcome.getClass().getSimpleName());
            return outcome;
        } catch (StudySourceException e) {
            return new Outcome.Retry(
                    switch (e.code()) {
                        case UNREACHABLE, NO_TURN -> "unreachable";
                        case TIMEOUT -> "timeout";
                        case BUSY -> "busy";
                        case REFUSED, BAD_ANSWER, TOO_LARGE -> "bad-answer";
                    },
                    null);
        }
    }

    private Outcome offer(StudyUid studyUid, String sopInstanceUid, String type, List<byte[]> body) {
        long end = System.nanoTime() + whole.toNanos();
        for (String accept : ACCEPTS) {
            Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
            try (ArchiveHttp.Answer answer = http.post("/studies/" + studyUid, accept, type, body, left)) {
                if (answer.status() != NOT_ACCEPTABLE) {
                    return outcome(answer, sopInstanceUid);
                }
            }
        }
        return new Outcome.Refused("http-" + NOT_ACCEPTABLE);
    }

    /** Asked once after a refusal: archives answer 409 without a list to an instance that they have. */
    private boolean isThere(StudyUid studyUid, String sopInstanceUid) {
        try {
            return search.hasInstance(studyUid, sopInstanceUid);
        } catch (StudySourceException | DicomException e) {
            LOG.info("the archive did not tell whether it has the mask ({})", e.getMessage());
            return false;
        }
    }

    private Outcome outcome(ArchiveHttp.Answer answer, String sopInstanceUid) {
        List<DicomObject> said = read(answer);
        try {
            for (DicomObject response : said) {
                if (item(response, Tag.REFERENCED_SOP_SEQUENCE, sopInstanceUid) != null) {
                    return new Outcome.Delivered(sopInstanceUid);
                }
                DicomObject failed = item(response, Tag.FAILED_SOP_SEQUENCE, sopInstanceUid);
                if (failed != null) {
                    return failed(failed.integer(Tag.FAILURE_REASON), sopInstanceUid);
                }
            }
        } catch (DicomException e) {
            return new Outcome.Retry("bad-answer", null);
        }
        int status = answer.status();
        boolean forGood = status >= 400 && status < 500 && status != 408 && status != 429;
        if (forGood) {
            return new Outcome.Refused("http-" + status);
        }
        return answer.ok()
                ? new Outcome.Retry("not-listed", null)
                : new Outcome.Retry("http-" + status, answer.retryAfter());
    }

    private static Outcome failed(OptionalInt reason, String sopInstanceUid) {
        int code = reason.orElse(PROCESSING_FAILURE);
        if (code == DUPLICATE_INSTANCE || code == ALREADY_STORED) {
            return new Outcome.Delivered(sopInstanceUid);
        }
        boolean passing = code == PROCESSING_FAILURE || (code & 0xFF00) == OUT_OF_RESOURCES;
        String name = "stow-%04x".formatted(code);
        return passing ? new Outcome.Retry(name, null) : new Outcome.Refused(name);
    }

    private static @Nullable DicomObject item(DicomObject response, int sequence, String sopInstanceUid) {
        return response.sequence(sequence).stream()
                .filter(item ->
                        item.string(Tag.REFERENCED_SOP_INSTANCE_UID).orElse("").equals(sopInstanceUid))
                .findFirst()
                .orElse(null);
    }

    private List<DicomObject> read(ArchiveHttp.Answer answer) {
        try {
            boolean isXml = answer.type().name().endsWith("xml");
            return isXml ? List.of(xml.read(answer.content())) : json.read(answer.content());
        } catch (DicomException | IOException e) {
            // Whatever it was, it does not list our instance.
            return List.of();
        }
    }
}
