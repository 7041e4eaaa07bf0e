package io.bloodnet.imaging.dicomweb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultipartReaderTest {

    private static final String B = "b42";

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static List<String> read(String body, int partsMax, int partBytesMax) throws IOException {
        MultipartReader reader = new MultipartReader(new ByteArrayInputStream(bytes(body)), B, partsMax, partBytesMax);
        List<String> parts = new ArrayList<>();
        for (Optional<byte[]> part = reader.next(); part.isPresent(); part = reader.next()) {
            parts.add(new String(part.get(), StandardCharsets.ISO_8859_1));
        }
        assertThat(reader.next()).as("the end stays the end").isEmpty();
        return parts;
    }

    @Test
    void reads_parts_with_and_without_length_preamble_and_padding() throws IOException {
        assertThat(read("--b42\r\nContent-Length: 3\r\n\r\nabc\r\n--b42\r\n\r\nd\r\ne\r\n--b42--\r\nepilogue", 9, 100))
                .containsExactly("abc", "d\r\ne");
        assertThat(read("preamble\r\n--b42  \r\nX: y\r\n\r\n\r\n--b42--", 9, 100))
                .containsExactly("");
        assertThat(read("\r\n--b42--\r\n", 9, 100)).isEmpty();
    }

    @Test
    void a_boundary_inside_a_part_of_known_length_is_content() throws IOException {
        assertThat(read("--b42\r\ncontent-length:9\r\n\r\na\r\n--b42x\r\n--b42--", 9, 100))
                .containsExactly("a\r\n--b42x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--b4",
                "--b42",
                "--b42\r\n",
                "--b42\r\n\r\nabc",
                "--b42\r\n\r\nabc\r\n--b42",
                "--b42\r\n\r\nabc\r\n--b42\r\n",
                "--b42\r\nContent-Length: 90\r\n\r\nabc\r\n--b42--",
                "no boundary at all"
            })
    void a_body_without_its_final_boundary_is_cut_off(String body) {
        assertThatExceptionOfType(EOFException.class).isThrownBy(() -> read(body, 9, 100));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--b42\r\nContent-Length: 2\r\n\r\nabc\r\n--b42--",
                "--b42\r\nContent-Length: -1\r\n\r\nabc\r\n--b42--",
                "--b42\r\nContent-Length: 99999999999999999999\r\n\r\nabc\r\n--b42--",
                "--b42\r\nContent-Length: 101\r\n\r\nabc\r\n--b42--",
                "--b42xyz\r\n\r\nabc\r\n--b42--",
                "--b42\n\nabc\n--b42--                                                                     ",
            })
    void lies_about_lengths_and_boundaries_are_refused(String body) {
        assertThatExceptionOfType(MultipartReader.MalformedException.class).isThrownBy(() -> read(body, 9, 100));
    }

    @Test
    void parts_headers_and_sizes_are_bounded() {
        String part = "--b42\r\n\r\na\r\n";
        assertThatExceptionOfType(MultipartReader.MalformedException.class)
                .isThrownBy(() -> read(part.repeat(10) + "--b42--", 9, 100));
        assertThatExceptionOfType(MultipartReader.MalformedException.class)
                .isThrownBy(() -> read("--b42\r\n\r\n" + "a".repeat(101) + "\r\n--b42--", 9, 100));
        assertThatExceptionOfType(MultipartReader.MalformedException.class)
                .isThrownBy(() -> read("--b42\r\nX: " + "y".repeat(1 << 20) + "\r\n\r\na\r\n--b42--", 9, 100));
        for (String boundary : List.of("", "x".repeat(71))) {
            assertThatExceptionOfType(MultipartReader.MalformedException.class)
                    .isThrownBy(() -> new MultipartReader(InputStream.nullInputStream(), boundary, 9, 100));
        }
    }

    @Test
    void any_cut_of_a_body_gives_whole_parts_and_then_an_end() throws IOException {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        byte[] first = new byte[70_000];
        random.nextBytes(first);
        byte[] body = FakeArchive.body(List.of(first, bytes("second")), random.nextBoolean());
        for (int i = 0; i < 200; i++) {
            byte[] cut = Arrays.copyOf(body, random.nextInt(body.length - 2));
            MultipartReader reader =
                    new MultipartReader(new ByteArrayInputStream(cut), FakeArchive.BOUNDARY, 9, 100_000);
            try {
                assertThat(reader.next().orElseThrow()).as("seed " + seed).isEqualTo(first);
                assertThat(reader.next().orElseThrow()).isEqualTo(bytes("second"));
                reader.next();
                throw new AssertionError("no end noticed, seed " + seed);
            } catch (EOFException e) {
                assertThat(e).hasMessageContaining("ends");
            }
        }
    }

    @Test
    void media_types_may_hold_semicolons_and_escapes_in_quotes() {
        MediaType type = MediaType.parse(
                "Multipart/Related; type=\"application/octet-stream; transfer-syntax=1.2\"; BOUNDARY=\"a \\\"b\"; x");
        assertThat(type.name()).isEqualTo("multipart/related");
        assertThat(type.parameter("boundary")).contains("a \"b");
        assertThat(type.parameter("type")).contains("application/octet-stream; transfer-syntax=1.2");
        assertThat(MediaType.parse("").parameter("boundary")).isEmpty();
    }
}
