package io.bloodnet.imaging.study;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomJson;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.finding.Destination.Outcome;
import io.bloodnet.imaging.order.StudyUid;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

    private final ArchiveHttp http;
    private final DicomJson json;

    MaskUpload(ArchiveHttp http, DicomJson json) {
        this.http = http;
        this.json = json;
    }

    Outcome store(StudyUid studyUid, String sopInstanceUid, byte[] seg) {
        List<byte[]> body = List.of(
                ("--" + BOUNDARY + "\r\nContent-Type: application/dicom\r\nContent-Length: " + seg.length + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII),
                seg,
                ("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII));
        String type = "multipart/related; type=\"application/dicom\"; boundary=" + BOUNDARY;
        try (ArchiveHttp.Answer answer = http.post("/studies/" + studyUid, StudySearch.JSON, type, body)) {
            Outcome outcome = outcome(answer, sopInstanceUid);
            LOG.info("mask offered to the archive: {}", outcome.getClass().getSimpleName());
            return outcome;
        } catch (StudySourceException e) {
            return new Outcome.Retry(
                    switch (e.code()) {
                        case UNREACHABLE -> "unreachable";
                        case TIMEOUT -> "timeout";
                        case BUSY -> "busy";
                        case REFUSED, BAD_ANSWER, TOO_LARGE -> "bad-answer";
                    },
                    null);
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
        if (code == DUPLICATE_INSTANCE) {
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
            return json.read(answer.body());
        } catch (DicomException | IOException e) {
            // Whatever it was, it does not list our instance.
            return List.of();
        }
    }
}
