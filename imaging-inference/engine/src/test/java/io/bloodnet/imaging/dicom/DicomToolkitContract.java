package io.bloodnet.imaging.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.imaging.codec.OwnToolkit;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;

/** What every toolkit must do alike. Where a toolkit has no codec it says so, and never decodes to something else. */
public abstract class DicomToolkitContract {

    private final DicomToolkit reference = new OwnToolkit(DicomLimits.DEFAULT);

    protected abstract DicomToolkit toolkit();

    @Test
    void a_file_in_big_endian_is_read_down_to_nested_numbers() {
        for (String sample : List.of(ForeignSamples.BIG_ENDIAN, ForeignSamples.BIG_ENDIAN_UNDEFINED_LENGTHS)) {
            DicomFile file = toolkit().read(ForeignSamples.bytes(sample));
            assertThat(file.dataSet().decimal(0x0018_9327)).hasValue(3.25);
            DicomObject item = file.dataSet().sequence(0x0008_1140).getFirst();
            assertThat(item.sequence(Tag.DERIVATION_IMAGE_SEQUENCE).getFirst().requiredInteger(Tag.ROWS))
                    .isEqualTo(513);
            assertThat(((FrameDecoding.Frame) toolkit().decode(file, 0)).storedValues())
                    .isEqualTo(ForeignSamples.pixels());
        }
    }

    @Test
    void what_one_writes_the_other_reads() {
        for (String syntax : List.of(
                TransferSyntax.EXPLICIT_VR_LE, TransferSyntax.IMPLICIT_VR_LE, TransferSyntax.DEFLATED_EXPLICIT_VR_LE)) {
            DicomFile file = reference.read(ForeignSamples.bytes(ForeignSamples.BIG_ENDIAN));
            DicomFile relabelled = DicomFile.of(file.dataSet(), syntax);
            assertSame(reference.read(toolkit().write(relabelled)).dataSet(), file.dataSet());
            assertSame(toolkit().read(reference.write(relabelled)).dataSet(), file.dataSet());
        }
    }

    @Test
    void texts_keep_their_character_set() {
        for (String charset : List.of("ISO_IR 100", "ISO_IR 192", "ISO_IR 144")) {
            String name = charset.equals("ISO_IR 144") ? "Иванов^Иван" : "Müller^Jörg";
            DicomObject dataSet = SyntheticSlice.header(2, 2)
                    .string(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, charset)
                    .string(Tag.PATIENT_NAME, Vr.PN, name)
                    .build();
            byte[] written = reference.write(DicomFile.of(dataSet, TransferSyntax.EXPLICIT_VR_LE));
            assertThat(toolkit().read(written).dataSet().string(Tag.PATIENT_NAME))
                    .contains(name);
        }
    }

    @Test
    void json_is_read() throws IOException {
        String json = """
                [{"00100010":{"vr":"PN","Value":[{"Alphabetic":"Müller^Jörg"}]},"00280010":{"vr":"US","Value":[512]},
                  "00200032":{"vr":"DS","Value":[-125.5,"7",42]},"00189327":{"vr":"FD","Value":[3.25]},
                  "00081199":{"vr":"SQ","Value":[{"00081155":{"vr":"UI","Value":["2.25.7"]}}]}},{}]""";
        List<DicomObject> read = toolkit().readJson(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
        assertThat(read).hasSize(2);
        DicomObject first = read.getFirst();
        assertThat(first.string(Tag.PATIENT_NAME)).contains("Müller^Jörg");
        assertThat(first.requiredInteger(Tag.ROWS)).isEqualTo(512);
        assertThat(first.requiredDecimals(Tag.IMAGE_POSITION_PATIENT, 3)).containsExactly(-125.5, 7, 42);
        assertThat(first.decimal(0x0018_9327)).hasValue(3.25);
        assertThat(first.sequence(Tag.REFERENCED_SOP_SEQUENCE).getFirst().uid(Tag.REFERENCED_SOP_INSTANCE_UID))
                .contains("2.25.7");
    }

    @Test
    void what_is_no_dicom_is_refused() {
        for (byte[] bytes : List.of(new byte[0], new byte[500], "<html></html>".getBytes(StandardCharsets.US_ASCII))) {
            assertThatThrownBy(() -> toolkit().read(bytes)).isInstanceOf(DicomException.class);
        }
        assertThatThrownBy(() -> toolkit().readJson(new ByteArrayInputStream(new byte[] {'{'})))
                .isInstanceOf(DicomException.class);
    }

    /** Every sample and field file that is at hand, element by element and pixel by pixel, held against the own toolkit. */
    protected final Stream<DynamicTest> everyFileAtHand() {
        return Stream.of("data/samples/transfer-syntaxes", "data/dicom", "field/dicom/jpll")
                .flatMap(folder -> files(SharedData.require(folder)))
                .map(path -> DynamicTest.dynamicTest(path.getFileName().toString(), () -> assertSame(path)));
    }

    private static Stream<Path> files(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList().stream();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void assertSame(Path path) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        DicomFile expected = reference.read(bytes.clone());
        DicomFile actual = toolkit().read(bytes);
        assertThat(actual.transferSyntaxUid()).isEqualTo(expected.transferSyntaxUid());
        assertSame(actual.dataSet(), expected.dataSet());
        boolean hasImage = expected.dataSet().contains(Tag.PIXEL_DATA)
                && expected.dataSet().integer(Tag.SAMPLES_PER_PIXEL).orElse(1) == 1
                && expected.dataSet().integer(Tag.BITS_ALLOCATED).orElse(0) >= 8;
        if (hasImage
                && toolkit().decode(actual, 0) instanceof FrameDecoding.Frame frame
                && reference.decode(expected, 0) instanceof FrameDecoding.Frame own) {
            assertThat(frame.storedValues()).isEqualTo(own.storedValues());
        }
    }

    /** Texts by their values, numbers by their values, sequences item by item; padding and encoding may differ. */
    static void assertSame(DicomObject actual, DicomObject expected) {
        TreeSet<Integer> tags = new TreeSet<>();
        expected.elements().forEach(element -> tags.add(element.tag()));
        for (int tag : tags) {
            DataElement own = expected.element(tag).orElseThrow();
            DataElement other = actual.element(tag).orElse(null);
            boolean groupLength = (tag & 0xFFFF) == 0;
            if (groupLength) {
                continue;
            }
            assertThat(other).as(Tag.text(tag)).isNotNull();
            switch (own) {
                case DataElement.Sequence sequence -> {
                    List<DicomObject> items = actual.sequence(tag);
                    assertThat(items).as(Tag.text(tag)).hasSize(sequence.items().size());
                    for (int i = 0; i < items.size(); i++) {
                        assertSame(items.get(i), sequence.items().get(i));
                    }
                }
                // Implicit VR does not tell the VR, and dictionaries differ in length.
                case DataElement.Value value
                when value.vr() != other.vr() ->
                    assertThat(value.vr() == Vr.UN || other.vr() == Vr.UN)
                            .as(Tag.text(tag))
                            .isTrue();
                case DataElement.Value value
                when value.vr().isText() ->
                    assertThat(actual.strings(tag)).as(Tag.text(tag)).isEqualTo(expected.strings(tag));
                case DataElement.Value value
                when value.vr().kind() == Vr.Kind.NUMBER ->
                    assertThat(actual.bytes(tag)).as(Tag.text(tag)).isEqualTo(expected.bytes(tag));
                case DataElement.Value _ ->
                    assertThat(actual.bytes(tag).map(Bytes::length).orElse(0))
                            .as(Tag.text(tag))
                            .isEqualTo(expected.bytes(tag).map(Bytes::length).orElse(0));
                case DataElement.Fragments fragments ->
                    assertThat(((DataElement.Fragments) other).fragments())
                            .as(Tag.text(tag))
                            .isEqualTo(fragments.fragments());
                case DataElement.BulkReference _ -> {}
                case DataElement.Unreadable _ -> {}
            }
        }
    }
}
