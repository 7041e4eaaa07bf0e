package io.bloodnet.imaging.codec;

import io.bloodnet.imaging.dicom.Bytes;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomException.Code;
import io.bloodnet.imaging.dicom.Tag;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;

/**
 * Walks the markers of a JPEG 2000 codestream (ITU-T T.800 Annex A) from start to end without decoding. The library decodes what is left
 * of a cut codestream into blurred pixels and only logs it; here a codestream is whole or refused.
 */
final class Jpeg2000Structure {

    private static final int START = 0xFF4F;
    private static final int SIZE = 0xFF51;
    private static final int PACKED_HEADERS_MAIN = 0xFF60;
    private static final int PACKED_HEADERS_TILE = 0xFF61;
    private static final int TILE_PART = 0xFF90;
    private static final int DATA = 0xFF93;
    private static final int END = 0xFFD9;

    private static final int SIZE_BYTES = 45;
    private static final int TILE_PART_BYTES = 12;

    /** Tiles cost memory each in the decoder; encoders of single slices use one or a few. */
    private static final int TILES_MAX = 4_096;

    private final ByteBuffer bytes;

    private Jpeg2000Structure(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** @throws DicomException CORRUPT_COMPRESSION, TOO_LARGE, PIXEL_DATA_MISMATCH */
    static void requireWhole(Bytes frame, ImagePixels image) {
        ByteBuffer bytes = frame.buffer().order(ByteOrder.BIG_ENDIAN);
        if (bytes.remaining() < SIZE_BYTES || marker(bytes) != START || marker(bytes) != SIZE) {
            throw JpegCodec.corrupt("is no JPEG 2000", null);
        }
        size(bytes).requireMatch(image);
        new Jpeg2000Structure(bytes).tileParts(tiles(bytes));
    }

    private static CodestreamSize size(ByteBuffer bytes) {
        long width = unsigned(bytes, 8) - unsigned(bytes, 16);
        long height = unsigned(bytes, 12) - unsigned(bytes, 20);
        int components = Short.toUnsignedInt(bytes.getShort(40));
        int precision = (bytes.get(42) & 0x7F) + 1;
        return new CodestreamSize(width, height, components, precision);
    }

    /** Counted from the reference grid's origin, since the offsets of a hostile file may put the image far away from it. */
    private static int tiles(ByteBuffer bytes) {
        long tileWidth = unsigned(bytes, 24);
        long tileHeight = unsigned(bytes, 28);
        if (tileWidth == 0 || tileHeight == 0) {
            throw JpegCodec.corrupt("has tiles without area", null);
        }
        long across = Math.ceilDiv(unsigned(bytes, 8), tileWidth);
        long down = Math.ceilDiv(unsigned(bytes, 12), tileHeight);
        if (across > TILES_MAX || down > TILES_MAX || across * down > TILES_MAX) {
            throw new DicomException(Code.TOO_LARGE, Tag.text(Tag.PIXEL_DATA) + ": more than " + TILES_MAX + " tiles");
        }
        return (int) (across * down);
    }

    private void tileParts(int tiles) {
        // From the length of SIZ on, which the decoder reads the same way.
        segments(bytes.position(), TILE_PART);
        BitSet seen = new BitSet(tiles);
        int start = bytes.position() - 2;
        while (true) {
            require(bytes.limit() - start >= TILE_PART_BYTES, "has a cut tile-part");
            int tile = Short.toUnsignedInt(bytes.getShort(start + 4));
            long length = unsigned(bytes, start + 6);
            require(tile < tiles, "has a tile-part outside of its tiles");
            seen.set(tile);
            // A length of zero, allowed for the last tile-part, reaches up to the end marker.
            long end = length == 0 ? lastMarker() : start + length;
            require(end > start + TILE_PART_BYTES && end <= bytes.limit() - 2, "has a tile-part beyond its end");
            segments(start + 2, DATA);
            require(bytes.position() <= end, "has a tile-part header beyond its tile-part");
            bytes.position((int) end);
            int next = marker(bytes);
            if (next == END) {
                require(seen.cardinality() == tiles, "lacks tiles");
                return;
            }
            require(next == TILE_PART, "has no tile-part where one must be");
            start = (int) end;
        }
    }

    /** Skips marker segments from a length field on, up to and with the asked marker. */
    private void segments(int lengthAt, int until) {
        bytes.position(lengthAt);
        while (true) {
            require(bytes.remaining() >= 4, "has a cut header");
            int length = Short.toUnsignedInt(bytes.getShort());
            require(length >= 2 && length - 2 <= bytes.remaining() - 2, "has a cut header");
            bytes.position(bytes.position() + length - 2);
            int marker = marker(bytes);
            if (marker == until) {
                return;
            }
            // The decoder reads these beyond their end without end; encoders for medical images do not write them.
            require(marker != PACKED_HEADERS_MAIN && marker != PACKED_HEADERS_TILE, "has packed packet headers");
            require(marker > 0xFF00 && marker != DATA && marker != END, "has a broken header");
        }
    }

    /** Where the end marker stands, before padding to an even length. */
    private long lastMarker() {
        int at = bytes.limit() - 2;
        return Short.toUnsignedInt(bytes.getShort(at)) == END ? at : at - 1;
    }

    private static int marker(ByteBuffer bytes) {
        return Short.toUnsignedInt(bytes.getShort());
    }

    private static long unsigned(ByteBuffer bytes, int at) {
        return Integer.toUnsignedLong(bytes.getInt(at));
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw JpegCodec.corrupt(problem, null);
        }
    }
}
