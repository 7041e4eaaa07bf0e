package io.bloodnet.hl7.resultout;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingNumbers;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.ResultWords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.font.PDType0Font;
import org.apache.pdfbox.pdmodel.graphics.image.PDImageXObject;
import org.jspecify.annotations.Nullable;

/**
 * The report as one PDF page for receivers that show documents: what the text line says, the numbers and the key image. Names and birth
 * dates stay in PID. The same report gives the same bytes.
 */
final class ReportPdf {

    /** A font that PDFBox brings, so that nothing depends on the fonts of a machine. */
    private static final String FONT = "/org/apache/pdfbox/resources/ttf/LiberationSans-Regular.ttf";

    private static final float MARGIN = 56;
    private static final float TITLE_SIZE = 15;
    private static final float TEXT_SIZE = 10;
    private static final float LINE = 15;
    private static final float IMAGE_SIDE_MAX = 330;

    private final FindingReport report;
    private final Function<@Nullable Instant, String> time;
    private final PDDocument document;
    private final PDFont font;

    private ReportPdf(
            FindingReport report, Function<@Nullable Instant, String> time, PDDocument document, PDFont font) {
        this.report = report;
        this.time = time;
        this.document = document;
        this.font = font;
    }

    /**
     * @param statement what the text line of the message says
     * @param time writes times as the message does
     */
    static byte[] write(FindingReport report, String statement, Function<@Nullable Instant, String> time) {
        try (PDDocument document = new PDDocument();
                InputStream file = PDDocument.class.getResourceAsStream(FONT)) {
            // Else it would come from the clock.
            document.setDocumentId((long) report.key().hashCode());
            document.getDocumentInformation().setTitle(ResultWords.TITLE);
            new ReportPdf(report, time, document, PDType0Font.load(document, file)).page(statement);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            document.save(bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("a page of our own cannot be written", e);
        }
    }

    private void page(String statement) throws IOException {
        PDPage page = new PDPage(PDRectangle.A4);
        document.addPage(page);
        float width = PDRectangle.A4.getWidth() - 2 * MARGIN;
        float top = PDRectangle.A4.getHeight() - MARGIN;
        try (PDPageContentStream content = new PDPageContentStream(document, page)) {
            top = lines(content, List.of(ResultWords.TITLE), TITLE_SIZE, top) - LINE;
            top = lines(content, wrapped(statement, width), TEXT_SIZE, top) - LINE;
            top = lines(content, facts(), TEXT_SIZE, top) - LINE;
            if (report.keyImagePng() != null) {
                PDImageXObject image = PDImageXObject.createFromByteArray(document, report.keyImagePng(), "key-image");
                float scale = IMAGE_SIDE_MAX / Math.max(image.getWidth(), image.getHeight());
                float height = image.getHeight() * scale;
                content.drawImage(image, MARGIN, top - height, image.getWidth() * scale, height);
                lines(content, List.of(imageCaption()), TEXT_SIZE, top - height - LINE);
            }
        }
    }

    /** A negative is drawn without an outline. */
    private String imageCaption() {
        boolean outlined = report.finding() instanceof Finding.Analyzed a && a.positive();
        return outlined ? "AI outline. Not for diagnostic use." : "Chosen by AI. Not for diagnostic use.";
    }

    private List<String> facts() {
        List<String> facts = new ArrayList<>();
        facts.add("Study Instance UID: " + report.key().studyUid().value());
        if (report.order().key().accession() != null) {
            facts.add("Accession number: " + report.order().key().accession().value());
        }
        facts.add("Result made at: " + time.apply(report.issuedAt()));
        if (report.finding() instanceof Finding.Analyzed a) {
            FindingNumbers numbers = FindingNumbers.of(a);
            facts.add("Probability of hemorrhage: " + numbers.probability().toPlainString());
            facts.add("Operating threshold: " + numbers.threshold().toPlainString());
            facts.add("Estimated blood volume: " + numbers.volumeText());
            Finding.VolumeRange range = a.bloodVolumeRange();
            if (range != null && numbers.volumeMl() != null) {
                facts.add("With the outline drawn tighter and wider: " + FindingNumbers.millilitres(range.leastMl())
                        + " to " + FindingNumbers.millilitres(range.mostMl()));
            }
            facts.add("Slices analyzed: " + a.slices().size());
        }
        return facts;
    }

    /** Writes lines downwards; the height below the last one. */
    private float lines(PDPageContentStream content, List<String> lines, float size, float top) throws IOException {
        content.beginText();
        content.setFont(font, size);
        content.setLeading(LINE);
        content.newLineAtOffset(MARGIN, top);
        for (String line : lines) {
            content.showText(drawable(line));
            content.newLine();
        }
        content.endText();
        return top - LINE * lines.size();
    }

    private List<String> wrapped(String text, float width) throws IOException {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ")) {
            String longer = line.isEmpty() ? word : line + " " + word;
            if (font.getStringWidth(drawable(longer)) / 1000 * TEXT_SIZE > width && !line.isEmpty()) {
                lines.add(line.toString());
                longer = word;
            }
            line.setLength(0);
            line.append(longer);
        }
        lines.add(line.toString());
        return lines;
    }

    /** What the font cannot draw becomes a question mark: a strange character must not stop a result. */
    private String drawable(String text) {
        StringBuilder drawable = new StringBuilder();
        text.codePoints().forEach(c -> drawable.appendCodePoint(has(c) ? c : '?'));
        return drawable.toString();
    }

    private boolean has(int codePoint) {
        try {
            font.encode(Character.toString(codePoint));
            return true;
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }
}
