package io.bloodnet.hl7.resultout;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.hl7v2.DefaultHapiContext;
import ca.uhn.hl7v2.HL7Exception;
import ca.uhn.hl7v2.model.v251.datatype.ED;
import ca.uhn.hl7v2.model.v251.message.ORU_R01;
import ca.uhn.hl7v2.model.v251.segment.OBX;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.Reports;
import io.bloodnet.imaging.finding.FindingReport;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.Test;

/** The PDF in OBX as a receiver takes it out again. */
class ReportPdfTest {

    private static final OruMessage MESSAGE = new OruMessage(
            Hl7Config.Site.defaults(),
            new Hl7Config.Results(
                    "127.0.0.1",
                    2576,
                    "EHR",
                    "HOSP",
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(1),
                    Hl7Config.AckMode.ORIGINAL,
                    null,
                    true));

    private static OBX obx(FindingReport report) throws HL7Exception {
        ORU_R01 oru = (ORU_R01) new DefaultHapiContext()
                .getPipeParser()
                .parse(new String(MESSAGE.write(report), StandardCharsets.UTF_8));
        var order = oru.getPATIENT_RESULT().getORDER_OBSERVATION();
        for (int i = 0; i < order.getOBSERVATIONReps(); i++) {
            OBX obx = order.getOBSERVATION(i).getOBX();
            if ("ai-report"
                    .equals(obx.getObservationIdentifier().getIdentifier().getValue())) {
                return obx;
            }
        }
        throw new AssertionError("no OBX with the report");
    }

    private static PDDocument document(FindingReport report) throws HL7Exception, IOException {
        ED data = (ED) obx(report).getObservationValue(0).getData();
        assertThat(data.getTypeOfData().getValue()).isEqualTo("Application");
        assertThat(data.getDataSubtype().getValue()).isEqualTo("PDF");
        assertThat(data.getEncoding().getValue()).isEqualTo("Base64");
        return Loader.loadPDF(Base64.getDecoder().decode(data.getData().getValue()));
    }

    private static String text(FindingReport report) throws HL7Exception, IOException {
        try (PDDocument pdf = document(report)) {
            assertThat(pdf.getNumberOfPages()).isEqualTo(1);
            return new PDFTextStripper().getText(pdf).replaceAll("\\s+", " ");
        }
    }

    private static FindingReport withKeyImage(FindingReport r) throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB), "png", png);
        return new FindingReport(
                r.jobId(),
                r.order(),
                r.facts(),
                r.finding(),
                r.model(),
                r.key(),
                r.kind(),
                r.mask(),
                png.toByteArray(),
                r.supersedes(),
                r.issuedAt());
    }

    @Test
    void says_that_it_is_ai_what_was_found_and_for_which_study_without_a_name() throws Exception {
        assertThat(text(Reports.positive()))
                .startsWith("AI - not reviewed")
                .contains(
                        "Suspected intracranial hemorrhage",
                        "not reviewed by a clinician",
                        "Probability of hemorrhage: 0.9300")
                .contains(Reports.STUDY.value(), "Accession number: A1", "12.3 mL", "9.9 mL to 15.4 mL")
                .doesNotContain("Probe", "1957");
        assertThat(text(Reports.notAnalyzed()))
                .contains("NOT ANALYZED", "This is not a negative result")
                .doesNotContain("Probability");
    }

    @Test
    void shows_the_key_image() throws Exception {
        try (PDDocument pdf = document(withKeyImage(Reports.positive()))) {
            assertThat(StreamSupport.stream(
                            pdf.getPage(0).getResources().getXObjectNames().spliterator(), false))
                    .hasSize(1);
        }
        assertThat(text(withKeyImage(Reports.positive()))).contains("Not for diagnostic use");
    }

    @Test
    void is_the_same_bytes_each_time_and_fits_a_feed() throws Exception {
        FindingReport report = withKeyImage(Reports.positive());
        assertThat(MESSAGE.write(report)).isEqualTo(MESSAGE.write(report)).hasSizeLessThan(60_000);
    }

    @Test
    void a_character_that_the_font_lacks_does_not_stop_the_page() {
        FindingReport report = Reports.positive();
        assertThat(ReportPdf.write(report, "suspected \u6f22\u5b57 \ud83e\ude78\r\n", at -> "now"))
                .isNotEmpty();
    }

    @Test
    void a_withdrawn_report_is_not_sent_again() throws Exception {
        OBX obx = obx(Reports.withdrawn());
        assertThat(obx.getObservationResultStatus().getValue()).isEqualTo("W");
        assertThat(obx.getObservationValue(0).encode()).isEmpty();
    }
}
