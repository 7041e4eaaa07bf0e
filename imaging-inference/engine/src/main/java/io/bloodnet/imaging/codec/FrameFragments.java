package io.bloodnet.imaging.codec;

import io.bloodnet.imaging.dicom.Bytes;
import io.bloodnet.imaging.dicom.DataElement;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomException.Code;
import io.bloodnet.imaging.dicom.Tag;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Finds the fragments of one frame in encapsulated Pixel Data (PS3.5 section A.4). */
final class FrameFragments {

    private static final int ITEM_HEADER_BYTES = 8;

    private static final int OFFSET_BYTES = 4;

    private FrameFragments() {}

    /** @return the frame's codestream; a view when it lies in one fragment */
    static Bytes of(DataElement.Fragments pixels, int frames, int index) {
        List<Bytes> fragments = pixels.fragments();
        if (frames == 1) {
            return join(fragments);
        }
        if (fragments.size() == frames) {
            return fragments.get(index);
        }
        boolean table = pixels.offsetTable().length() == OFFSET_BYTES * frames;
        return join(table ? byOffsetTable(pixels, frames, index) : byFirstBytes(fragments, frames, index));
    }

    /** Without an offset table a frame of JPEG begins where a fragment begins like a codestream (ITU-T T.81, T.87: FFD8; T.800: FF4F). */
    private static List<Bytes> byFirstBytes(List<Bytes> fragments, int frames, int index) {
        List<Integer> begins = new ArrayList<>();
        for (int i = 0; i < fragments.size(); i++) {
            Bytes fragment = fragments.get(i);
            boolean marker = fragment.length() >= 2 && (fragment.at(0) & 0xFF) == 0xFF;
            if (marker && ((fragment.at(1) & 0xFF) == 0xD8 || (fragment.at(1) & 0xFF) == 0x4F)) {
                begins.add(i);
            }
        }
        if (begins.size() != frames || begins.getFirst() != 0) {
            throw mismatch("frames cannot be told apart: " + fragments.size() + " fragments, " + frames
                    + " frames and no offset table for them");
        }
        int end = index + 1 == frames ? fragments.size() : begins.get(index + 1);
        return fragments.subList(begins.get(index), end);
    }

    private static List<Bytes> byOffsetTable(DataElement.Fragments pixels, int frames, int index) {
        Bytes table = pixels.offsetTable();
        ByteBuffer offsets = table.buffer();
        int first = fragmentAt(pixels.fragments(), Integer.toUnsignedLong(offsets.getInt(OFFSET_BYTES * index)));
        int end = index + 1 == frames
                ? pixels.fragments().size()
                : fragmentAt(pixels.fragments(), Integer.toUnsignedLong(offsets.getInt(OFFSET_BYTES * (index + 1))));
        if (end <= first) {
            throw mismatch("offset table does not ascend");
        }
        return pixels.fragments().subList(first, end);
    }

    private static int fragmentAt(List<Bytes> fragments, long offset) {
        long position = 0;
        for (int i = 0; i < fragments.size(); i++) {
            if (position == offset) {
                return i;
            }
            position += ITEM_HEADER_BYTES + fragments.get(i).length();
        }
        throw mismatch("offset table points to no fragment");
    }

    private static Bytes join(List<Bytes> fragments) {
        if (fragments.size() == 1) {
            return fragments.getFirst();
        }
        // The fragments lie in one input of at most maxInstanceBytes, so their sum is bounded and fits an int.
        ByteBuffer joined =
                ByteBuffer.allocate(fragments.stream().mapToInt(Bytes::length).sum());
        fragments.forEach(fragment -> joined.put(fragment.buffer()));
        return Bytes.view(joined.array(), 0, joined.capacity());
    }

    private static DicomException mismatch(String problem) {
        return new DicomException(Code.PIXEL_DATA_MISMATCH, Tag.text(Tag.PIXEL_DATA) + " " + problem);
    }
}
