package io.bloodnet.imaging.codec;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

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
 * High-Throughput JPEG 2000 (ITU-T T.814) by the system's OpenJPEG 2.5 or later (Debian: {@code libopenjp2-7}), through its C interface. The
 * codestream's size is compared with the data set before anything is decoded. Safe for many threads; a call blocks its own.
 */
final class OpenJpeg {

    private static final int CODESTREAM = 0; // OPJ_CODEC_J2K: no JP2 boxes around it
    private static final int TRUE = 1;

    /** More than opj_dparameters_t of any 2.x has. Unit: bytes. */
    private static final long PARAMETERS_BYTES = 32 << 10;

    // opj_image_t: four coordinates, number of components, colour space, then the components' address.
    private static final long IMAGE_COMPONENT_COUNT = 16;
    private static final long IMAGE_COMPONENTS = 24;
    private static final long IMAGE_BYTES = 32;

    // opj_image_comp_t: dx, dy, w, h, x0, y0, prec, bpp, sgnd, resno_decoded, factor, then the data's address.
    private static final long COMPONENT_WIDTH = 8;
    private static final long COMPONENT_HEIGHT = 12;
    private static final long COMPONENT_PRECISION = 24;
    private static final long COMPONENT_DATA = 48;
    private static final long COMPONENT_BYTES = 64;

    private static final @Nullable OpenJpeg INSTALLED = load();

    private final MethodHandle createCodec;
    private final MethodHandle destroyCodec;
    private final MethodHandle defaultParameters;
    private final MethodHandle setup;
    private final MethodHandle readHeader;
    private final MethodHandle decode;
    private final MethodHandle destroyImage;
    private final OpenJpegStream.Functions streams;

    private OpenJpeg(NativeLibrary library) {
        this.createCodec = library.function("opj_create_decompress", FunctionDescriptor.of(ADDRESS, JAVA_INT));
        this.destroyCodec = library.function("opj_destroy_codec", FunctionDescriptor.ofVoid(ADDRESS));
        this.defaultParameters =
                library.function("opj_set_default_decoder_parameters", FunctionDescriptor.ofVoid(ADDRESS));
        this.setup = library.function("opj_setup_decoder", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
        this.readHeader =
                library.function("opj_read_header", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
        this.decode = library.function("opj_decode", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
        this.destroyImage = library.function("opj_image_destroy", FunctionDescriptor.ofVoid(ADDRESS));
        // Of 2.5, which brought the high-throughput decoder; earlier ones lack it.
        library.function("opj_decoder_set_strict_mode", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
        this.streams = new OpenJpegStream.Functions(library);
    }

    private static @Nullable OpenJpeg load() {
        try {
            return NativeLibrary.find(List.of("libopenjp2.so.7", "libopenjp2.7.dylib", "openjp2.dll"))
                    .map(OpenJpeg::new)
                    .orElse(null);
        } catch (NoSuchElementException e) {
            return null; // older than 2.5
        }
    }

    /** Empty where the machine has no OpenJPEG 2.5 or later. */
    static Optional<OpenJpeg> installed() {
        return Optional.ofNullable(INSTALLED);
    }

    /** @throws DicomException CORRUPT_COMPRESSION, or PIXEL_DATA_MISMATCH when the codestream is of another size */
    short[] decode(Bytes frame, ImagePixels image) {
        try (Arena arena = Arena.ofConfined();
                OpenJpegStream stream = new OpenJpegStream(streams, arena, frame)) {
            MemorySegment codec = (MemorySegment) createCodec.invokeExact(CODESTREAM);
            try {
                return decode(arena, codec, stream.handle(), image);
            } finally {
                destroyCodec.invokeExact(codec);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a native call has no checked exceptions", e);
        }
    }

    private short[] decode(Arena arena, MemorySegment codec, MemorySegment stream, ImagePixels image) throws Throwable {
        MemorySegment parameters = arena.allocate(PARAMETERS_BYTES, Long.BYTES);
        defaultParameters.invokeExact(parameters);
        check((int) setup.invokeExact(codec, parameters));
        MemorySegment holder = arena.allocate(ADDRESS);
        check((int) readHeader.invokeExact(stream, codec, holder));
        MemorySegment decoded = view(holder.get(ADDRESS, 0), IMAGE_BYTES);
        try {
            requireMatch(decoded, image);
            check((int) decode.invokeExact(codec, stream, decoded));
            return samples(decoded, image);
        } finally {
            destroyImage.invokeExact(decoded);
        }
    }

    private static void requireMatch(MemorySegment decoded, ImagePixels image) {
        int components = decoded.get(JAVA_INT, IMAGE_COMPONENT_COUNT);
        if (components < 1) {
            throw JpegCodec.corrupt("has no component", null);
        }
        MemorySegment component = component(decoded);
        new CodestreamSize(
                        Integer.toUnsignedLong(component.get(JAVA_INT, COMPONENT_WIDTH)),
                        Integer.toUnsignedLong(component.get(JAVA_INT, COMPONENT_HEIGHT)),
                        components,
                        component.get(JAVA_INT, COMPONENT_PRECISION))
                .requireMatch(image);
    }

    private static short[] samples(MemorySegment decoded, ImagePixels image) {
        requireMatch(decoded, image);
        MemorySegment address = component(decoded).get(ADDRESS, COMPONENT_DATA);
        if (address.equals(MemorySegment.NULL)) {
            throw JpegCodec.corrupt("decodes to nothing", null);
        }
        MemorySegment data = view(address, (long) image.framePixels() * Integer.BYTES);
        short[] samples = new short[image.framePixels()];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (short) data.getAtIndex(JAVA_INT, i);
        }
        return samples;
    }

    private static MemorySegment component(MemorySegment decoded) {
        return view(decoded.get(ADDRESS, IMAGE_COMPONENTS), COMPONENT_BYTES);
    }

    @SuppressWarnings("restricted") // the library says how long what it points to is
    private static MemorySegment view(MemorySegment address, long bytes) {
        return address.reinterpret(bytes);
    }

    private static void check(int success) {
        if (success != TRUE) {
            throw JpegCodec.corrupt("is no JPEG 2000 that OpenJPEG reads", null);
        }
    }
}
