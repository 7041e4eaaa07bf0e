package io.bloodnet.hl7.view;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.MessageFile;
import io.bloodnet.hl7.er7.MessageRefusedException;
import io.bloodnet.hl7.mllp.MllpClient;
import io.bloodnet.hl7.orderin.Explanation;
import java.time.Instant;

/**
 * A person's view of a message, for {@code hl7 show} and {@code hl7 send}. What it gives names the patient: it is for the person who asked,
 * never for a log.
 */
public final class HumanView {

    private final Hl7Config.Site site;

    /** @param site whose rules decide */
    public HumanView(Hl7Config.Site site) {
        this.site = site;
    }

    /**
     * What a message says, whether we would take it and why, and what we would answer. Nothing is recorded.
     *
     * @param file the message, with or without its frame, segments ended by CR or LF
     */
    public String show(byte[] file, Instant now) {
        return Explanation.of(MessageFile.message(file), site, now);
    }

    /**
     * Sends a message and says what came back. Takes at most the receiver's timeouts.
     *
     * @param file the message as above
     * @param receiver where to; its {@code mode} says how many acknowledgements are waited for
     * @throws MessageRefusedException when the file holds no message with a control id
     */
    public String send(byte[] file, Hl7Config.Results receiver) {
        byte[] message = MessageFile.message(file);
        String controlId = Explanation.controlId(message);
        try (MllpClient client = new MllpClient(receiver)) {
            return switch (client.send(message, controlId)) {
                case MllpClient.Answer.Acknowledged a -> a.code() + "\n" + Explanation.lines(a.text());
                case MllpClient.Answer.Failed(MllpClient.Failure why) -> "no acknowledgement: " + why + "\n";
            };
        }
    }
}
