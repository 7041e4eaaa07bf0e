package io.bloodnet.imaging.dicom;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** An unchanging run of bytes, often a view into the file it was read from, so that pixel data is not copied to be held. */
public final class Bytes {

    private final byte[] array;
    private final int offset;
    private final int length;

    private Bytes(byte[] array, int offset, int length) {
        this.array = array;
        this.offset = offset;
        this.length = length;
    }

    /** A view; the caller must not change the array afterwards. */
    public static Bytes view(byte[] array, int offset, int length) {
        if (offset < 0 || length < 0 || offset > array.length - length) {
            throw new IndexOutOfBoundsException("view " + offset + "+" + length + " of " + array.length);
        }
        return new Bytes(array, offset, length);
    }

    public static Bytes copyOf(byte[] array) {
        return new Bytes(array.clone(), 0, array.length);
    }

    public int length() {
        return length;
    }

    public byte[] toArray() {
        return Arrays.copyOfRange(array, offset, offset + length);
    }

    /** A read-only little-endian view. */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(array, offset, length).slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Unsigned byte at the index. */
    public int at(int index) {
        return array[offset + checked(index, 1)] & 0xFF;
    }

    public Bytes slice(int from, int size) {
        return view(array, offset + checked(from, size), size);
    }

    /** A copy that no longer keeps the whole file in memory. */
    Bytes detached() {
        return length == array.length ? this : new Bytes(toArray(), 0, length);
    }

    public byte[] array() {
        return array;
    }

    public int offset() {
        return offset;
    }

    private int checked(int index, int size) {
        if (index < 0 || size < 0 || index > length - size) {
            throw new IndexOutOfBoundsException("byte " + index + "+" + size + " of " + length);
        }
        return index;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that
                && Arrays.equals(array, offset, offset + length, that.array, that.offset, that.offset + that.length);
    }

    @Override
    public int hashCode() {
        return buffer().hashCode();
    }

    /** The size only: values may identify a patient. */
    @Override
    public String toString() {
        return length + " bytes";
    }
}
