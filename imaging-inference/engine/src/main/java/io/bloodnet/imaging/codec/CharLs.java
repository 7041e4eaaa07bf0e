package io.bloodnet.imaging.codec;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.bloodnet.imaging.dicom.Bytes;
import io.bloodnet.imaging.dicom.DicomException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * JPEG-LS (ITU-T T.87) by the system's CharLS 2 (Debian: {@code libcharls2}), through its C interface. The codestream's size is compared
 * with the data set before anything is decoded. Safe for many threads; a call blocks its own.
 */
final class CharLs {

    private static final @Nullable CharLs INSTALLED = load();

    private final MethodHandle create;
    private final MethodHandle destroy;
    private final MethodHandle source;
    private final MethodHandle readHeader;
    private final MethodHandle frameInfo;
    private final MethodHandle decode;

    private CharLs(NativeLibrary library) {
        this.create = library.function("charls_jpegls_decoder_create", FunctionDescriptor.of(ADDRESS));
        this.destroy = library.function("charls_jpegls_decoder_destroy", FunctionDescriptor.ofVoid(ADDRESS));
        this.source = library.function(
                "charls_jpegls_decoder_set_source_buffer",
                FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
        this.readHeader =
                library.function("charls_jpegls_decoder_read_header", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        this.frameInfo = library.function(
                "charls_jpegls_decoder_get_frame_info", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
        this.decode = library.function(
                "charls_jpegls_decoder_decode_to_buffer",
                FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT));
    }

    private static @Nullable CharLs load() {
        try {
            return NativeLibrary.find(List.of("libcharls.so.2", "libcharls.2.dylib", "charls-2-x64.dll"))
                    .map(CharLs::new)
                    .orElse(null);
        } catch (NoSuchElementException e) {
            return null; // CharLS 1, or one built without this interface
        }
    }

    /** Empty where the machine has no CharLS 2. */
    static Optional<CharLs> installed() {
        return Optional.ofNullable(INSTALLED);
    }

    /** @throws DicomException CORRUPT_COMPRESSION, or PIXEL_DATA_MISMATCH when the codestream is of another size */
    short[] decode(Bytes frame, ImagePixels image) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment codestream = arena.allocate(Math.max(1, frame.length()));
            MemorySegment.copy(frame.array(), frame.offset(), codestream, JAVA_BYTE, 0, frame.length());
            MemorySegment decoder = (MemorySegment) create.invokeExact();
            try {
                check((int) source.invokeExact(decoder, codestream, (long) frame.length()));
                check((int) readHeader.invokeExact(decoder));
                return samples(arena, decoder, image);
            } finally {
                destroy.invokeExact(decoder);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a native call has no checked exceptions", e);
        }
    }

    private short[] samples(Arena arena, MemorySegment decoder, ImagePixels image) throws Throwable {
        MemorySegment info = arena.allocate(4 * Integer.BYTES, Integer.BYTES);
        check((int) frameInfo.invokeExact(decoder, info));
        int precision = info.getAtIndex(JAVA_INT, 2);
        new CodestreamSize(
                        Integer.toUnsignedLong(info.getAtIndex(JAVA_INT, 0)),
                        Integer.toUnsignedLong(info.getAtIndex(JAVA_INT, 1)),
                        info.getAtIndex(JAVA_INT, 3),
                        precision)
                .requireMatch(image);
        int bytesPerSample = precision > 8 ? 2 : 1;
        MemorySegment pixels = arena.allocate((long) image.framePixels() * bytesPerSample, Short.BYTES);
        check((int) decode.invokeExact(decoder, pixels, pixels.byteSize(), 0));
        if (bytesPerSample == 2) {
            return pixels.toArray(JAVA_SHORT);
        }
        short[] wide = new short[image.framePixels()];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = (short) (pixels.get(JAVA_BYTE, i) & 0xFF);
        }
        return wide;
    }

    private static void check(int error) {
        if (error != 0) {
            throw JpegCodec.corrupt("is no JPEG-LS that CharLS reads (error " + error + ")", null);
        }
    }
}
