package io.bloodnet.hl7.resultout;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.mllp.MllpClient;
import io.bloodnet.imaging.finding.Destination;
import io.bloodnet.imaging.finding.FindingReport;

/**
 * Tells findings to an HL7 v2 receiver, over one link. A repetition carries the same bytes under the same MSH-10. AE and CE are tried
 * again, AR and CR are not; error 204 (patient or order not known there) is a mismatch. Safe for many threads: they take turns.
 */
public final class OruDestination implements Destination, AutoCloseable {

    private final OruMessage message;
    private final MllpClient client;

    /** Does no I/O but reading the TLS stores. @throws IllegalArgumentException when one cannot be read */
    public OruDestination(Hl7Config.Site site, Hl7Config.Results receiver) {
        this.message = new OruMessage(site, receiver);
        this.client = new MllpClient(receiver);
    }

    @Override
    public String name() {
        return "hl7";
    }

    @Override
    public Outcome deliver(FindingReport report) {
        String controlId = OruMessage.controlId(report);
        return switch (client.send(message.write(report), controlId)) {
            case MllpClient.Answer.Failed(MllpClient.Failure why) -> new Outcome.Retry(why.name(), null);
            case MllpClient.Answer.Acknowledged(String code, String error, String _) -> outcome(controlId, code, error);
        };
    }

    private static Outcome outcome(String controlId, String code, String error) {
        if (error.equals(String.valueOf(Condition.UNKNOWN_KEY.code())) && !code.endsWith("A")) {
            return new Outcome.Mismatch("UNKNOWN_KEY");
        }
        return switch (code) {
            case "AA", "CA" -> new Outcome.Delivered(controlId);
            case "AR", "CR" -> new Outcome.Refused(code);
            case "AE", "CE" -> new Outcome.Retry(code, null);
            default -> new Outcome.Retry("WRONG_ACK", null);
        };
    }

    /** Closes the link. */
    @Override
    public void close() {
        client.close();
    }
}
