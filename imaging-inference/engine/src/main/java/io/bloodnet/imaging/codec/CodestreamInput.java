package io.bloodnet.imaging.codec;

import io.bloodnet.imaging.dicom.Bytes;
import java.io.IOException;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A codestream for the JPEG 2000 decoder, whose reader of packet headers never ends on two inputs: beyond the end, since it takes -1 for
 * eight one bits, and after FF FF, which no valid packet header holds (ITU-T T.800 B.10.1). It reads packet headers by {@link #read()},
 * and little else. Both end as a DicomException here, since it prints an IOException and goes on after an EOFException.
 */
final class CodestreamInput extends ImageInputStreamImpl {

    private final Bytes bytes;
    private final byte[] single = new byte[1];

    /** Where the byte after the last FF that {@link #read()} gave stands. */
    private long lastOnesAt = -1;

    CodestreamInput(Bytes bytes) {
        this.bytes = bytes;
    }

    @Override
    public int read() {
        if (streamPos >= bytes.length()) {
            throw JpegCodec.corrupt("ends early", null);
        }
        bitOffset = 0;
        int value = bytes.at((int) streamPos++);
        if (value == 0xFF && lastOnesAt == streamPos - 1) {
            throw JpegCodec.corrupt("has a packet header with FF FF", null);
        }
        lastOnesAt = value == 0xFF ? streamPos : -1;
        return value;
    }

    @Override
    public int readUnsignedByte() throws IOException {
        readFully(single);
        return single[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        int count = (int) Math.min(length, bytes.length() - streamPos);
        if (count < Math.min(length, 1)) {
            throw JpegCodec.corrupt("ends early", null);
        }
        bitOffset = 0;
        System.arraycopy(bytes.array(), bytes.offset() + (int) streamPos, target, offset, count);
        streamPos += count;
        return count;
    }

    @Override
    public long length() {
        return bytes.length();
    }
}
