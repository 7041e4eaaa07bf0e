package io.bloodnet.hl7.resultout;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.hl7.FakeOrderInbox;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.Messages;
import io.bloodnet.hl7.Reports;
import io.bloodnet.hl7.mllp.Peer;
import io.bloodnet.hl7.orderin.OrderReceiver;
import io.bloodnet.imaging.finding.FindingReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The examples of docs/hl7-conformance.md are what the code does. {@code -Dbloodnet.docs.write=true} writes them into the page. */
class ConformancePageTest {

    private static final Instant NOW = Instant.parse("2026-11-23T12:00:05Z");
    private static final Hl7Config.Site SITE = site();

    private static Hl7Config.Site site() {
        Hl7Config.Site d = Hl7Config.Site.defaults();
        return new Hl7Config.Site(
                d.application(),
                d.facility(),
                d.headCtCodes(),
                List.of(),
                d.defaultCharset(),
                null,
                ZoneOffset.UTC,
                d.accessionFields(),
                false);
    }

    private static Map<String, String> examples() {
        Map<String, String> all = new LinkedHashMap<>();
        byte[] orm = Messages.orm("ORDER1");
        byte[] omi = Messages.omi(Messages.msh("OMI^O23^OMI_O23", "ORDER2", "AL", "AL"), "NW");
        byte[] bad = Messages.bytes(
                Messages.msh("OMI^O23^OMI_O23", "2.5.1", "ORDER3"),
                "PID|1||||Probe^Pat",
                "ORC|NW|P1^RIS|A1^RIS",
                "OBR|1|P1^RIS|A1^RIS|" + Messages.HEAD_CT);
        all.put("orm", text(orm));
        all.put("orm-ack", text(replies(orm).getFirst()));
        all.put("omi", text(omi));
        all.put("omi-commit", text(replies(omi).getFirst()));
        all.put("omi-application", text(replies(omi).getLast()));
        all.put("refused", text(replies(bad).getFirst()));
        all.put("positive", oru(Reports.positive()));
        all.put("negative", oru(Reports.negative()));
        all.put("not-analyzed", oru(Reports.notAnalyzed()));
        all.put("corrected", oru(Reports.corrected()));
        all.put("withdrawn", oru(Reports.withdrawn()));
        return all;
    }

    private static List<byte[]> replies(byte[] message) {
        return new OrderReceiver(new FakeOrderInbox(), SITE, InstantSource.fixed(NOW))
                .open(new Peer("127.0.0.1", List.of()))
                .answer(message);
    }

    private static String oru(FindingReport report) {
        return text(new OruMessage(SITE, Hl7Config.Results.plain("127.0.0.1", 2576)).write(report));
    }

    private static String text(byte[] message) {
        return new String(message, StandardCharsets.UTF_8).replace('\r', '\n');
    }

    @Test
    void the_page_s_examples_are_what_the_code_does() throws IOException {
        Path page = Path.of(System.getProperty("bloodnet.root", ".."), "docs", "hl7-conformance.md");
        String before = Files.readString(page);
        String after = before;
        for (Map.Entry<String, String> example : examples().entrySet()) {
            String marker = "<!-- example: " + example.getKey() + " -->\n```\n";
            int begin = after.indexOf(marker);
            assertThat(begin).as("the page has example %s", example.getKey()).isNotNegative();
            int end = after.indexOf("```", begin + marker.length());
            after = after.substring(0, begin + marker.length()) + example.getValue() + after.substring(end);
        }
        if (Boolean.getBoolean("bloodnet.docs.write")) {
            Files.writeString(page, after);
        } else {
            assertThat(before).as("run with -Dbloodnet.docs.write=true").isEqualTo(after);
        }
    }
}
