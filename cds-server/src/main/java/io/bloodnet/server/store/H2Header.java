package io.bloodnet.server.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The header of H2's MVStore file, format 3: one line of {@code key:value} pairs, numbers in hexadecimal, closed by Fletcher's checksum of
 * what stands before it; it stands twice, at the begin of the first and of the second block. See h2database.com/html/mvstore.html, "File
 * Format"; one value that we do not know is kept as it is.
 *
 * @param fields all pairs but the checksum, in their order
 */
record H2Header(Map<String, String> fields) {

    /** Bytes of a block: each header has one, each chunk begins at one. */
    static final int BLOCK = 4096;
    /** Format that this layer knows. */
    private static final String FORMAT = "3";

    private static final String CHECKSUM = "fletcher";
    /** Our own pair: CRC-32 of the chunk that is named. H2 passes over what it does not know. */
    private static final String CHUNK_CRC = "chunkCrc";
    /** What H2 reads of a chunk's begin, and of its end, to know it again. */
    private static final int CHUNK_HEAD = 1024;

    private static final int CHUNK_FOOT = 128;
    /** A first line that is longer is none. */
    private static final int LINE_MAX = 1024;

    H2Header {
        fields = new LinkedHashMap<>(fields);
    }

    /**
     * A chunk, by where it stands.
     *
     * @param blocks its length
     * @param version each chunk that H2 writes has the next one
     */
    record Chunk(String id, long block, int blocks, long version) {}

    /** The header at the buffer's position; empty when there is none whose checksum is right. */
    static Optional<H2Header> parse(ByteBuffer buffer) {
        String line = line(buffer);
        int check = line.lastIndexOf(CHECKSUM + ":");
        if (check < 1 || !line.contains("H:2,")) {
            return Optional.empty();
        }
        String text = line.substring(0, check - 1);
        String sum = line.substring(check + CHECKSUM.length() + 1);
        return sum.equals(checksum(text)) ? Optional.of(new H2Header(pairs(text))) : Optional.empty();
    }

    /** The chunk that begins at the buffer's position, where the file's block is {@code block}; empty when none begins there. */
    static Optional<Chunk> chunk(ByteBuffer buffer, long block) {
        String line = line(buffer);
        if (!line.startsWith("chunk:")) {
            return Optional.empty();
        }
        Map<String, String> pairs = pairs(line);
        String id = pairs.get("chunk");
        String blocks = pairs.get("len");
        String version = pairs.get("version");
        return id == null || blocks == null || version == null
                ? Optional.empty()
                : Optional.of(new Chunk(id, block, Integer.parseInt(blocks, 16), Long.parseLong(version, 16)));
    }

    /** Whether H2 reads here, with so many bytes, to see whether there is a chunk. */
    static boolean looksForChunk(long at, int bytes) {
        return at % BLOCK == 0 && bytes == CHUNK_HEAD || (at + CHUNK_FOOT) % BLOCK == 0 && bytes == CHUNK_FOOT;
    }

    boolean isKnownFormat() {
        return FORMAT.equals(fields.get("format")) && "1000".equals(fields.get("blockSize"));
    }

    /** Whether it says that the file was closed in order. */
    boolean isClean() {
        return fields.containsKey("clean");
    }

    /** Version of the chunk that it names; 0 when it names none. */
    long version() {
        return Long.parseLong(fields.getOrDefault("version", "0"), 16);
    }

    /** Block and id of the chunk that it names. */
    long chunkBlock() {
        return Long.parseLong(fields.getOrDefault("block", "0"), 16);
    }

    /** Whether it says what the chunk that it names should hold: only those that this layer wrote do. */
    boolean tellsChunkCrc() {
        return fields.containsKey(CHUNK_CRC);
    }

    /** Whether the chunk is the one that it names, whole. */
    boolean names(Chunk chunk, long crc) {
        return chunk.id().equals(fields.get("chunk"))
                && chunk.version() == version()
                && Long.toHexString(crc).equals(fields.get(CHUNK_CRC));
    }

    /** As H2 wrote it: without what is ours. */
    H2Header plain() {
        Map<String, String> plain = new LinkedHashMap<>(fields);
        plain.remove(CHUNK_CRC);
        return new H2Header(plain);
    }

    /** The same file's header with this chunk as the newest, of a file that is open. */
    H2Header naming(Chunk chunk, long crc) {
        Map<String, String> named = new LinkedHashMap<>(fields);
        named.remove("clean");
        named.put(CHUNK_CRC, Long.toHexString(crc));
        named.put("block", Long.toHexString(chunk.block()));
        named.put("chunk", chunk.id());
        named.put("version", Long.toHexString(chunk.version()));
        return new H2Header(named);
    }

    /** A block that holds it. */
    ByteBuffer block() {
        String text = fields.entrySet().stream()
                .map(pair -> pair.getKey() + ":" + pair.getValue())
                .collect(Collectors.joining(","));
        String line = text + "," + CHECKSUM + ":" + checksum(text) + "\n";
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        block.put(line.getBytes(StandardCharsets.ISO_8859_1));
        return block.rewind();
    }

    private static String line(ByteBuffer buffer) {
        StringBuilder line = new StringBuilder(160);
        int end = Math.min(buffer.limit(), buffer.position() + LINE_MAX);
        for (int i = buffer.position(); i < end && buffer.get(i) != '\n'; i++) {
            line.append((char) (buffer.get(i) & 0xff));
        }
        return line.toString().strip();
    }

    private static Map<String, String> pairs(String text) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String pair : text.split(",", -1)) {
            int colon = pair.indexOf(':');
            if (colon > 0) {
                pairs.put(pair.substring(0, colon), pair.substring(colon + 1).strip());
            }
        }
        return pairs;
    }

    /** Fletcher-32 over 16-bit words, the first byte being the upper one; an odd last byte is an upper one too. */
    private static String checksum(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        long low = 0xffff;
        long high = 0xffff;
        for (int i = 0; i + 1 < bytes.length; i += 2) {
            low += (bytes[i] & 0xff) << 8 | bytes[i + 1] & 0xff;
            high += low;
        }
        low = fold(low); // as H2 does: a line is far shorter than what it folds in between
        high = fold(high);
        if (bytes.length % 2 == 1) {
            low += (bytes[bytes.length - 1] & 0xff) << 8;
            high += low;
        }
        return Integer.toHexString((int) (fold(high) << 16 | fold(low)));
    }

    private static long fold(long sum) {
        return (sum & 0xffff) + (sum >>> 16);
    }
}
