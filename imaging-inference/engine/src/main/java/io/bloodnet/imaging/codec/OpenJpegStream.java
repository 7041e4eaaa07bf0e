package io.bloodnet.imaging.codec;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.bloodnet.imaging.dicom.Bytes;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** A codestream in memory as OpenJPEG reads it, by calling back. What it calls must not throw: that would end the process. Used by one thread. */
@SuppressWarnings("restricted") // native access is enabled for the whole application
final class OpenJpegStream implements AutoCloseable {

    /** What OpenJPEG takes for the end: (OPJ_SIZE_T) -1. */
    private static final long END = -1;

    private static final long BUFFER_BYTES = 64 << 10;

    private final Functions functions;
    private final Bytes source;
    private final MemorySegment stream;
    private long position;

    /** The library's functions on streams. */
    static final class Functions {

        private final MethodHandle create;
        private final MethodHandle destroy;
        private final MethodHandle setRead;
        private final MethodHandle setSkip;
        private final MethodHandle setSeek;
        private final MethodHandle setUserData;
        private final MethodHandle setLength;

        Functions(NativeLibrary library) {
            FunctionDescriptor twoAddresses = FunctionDescriptor.ofVoid(ADDRESS, ADDRESS);
            this.create = library.function("opj_stream_create", FunctionDescriptor.of(ADDRESS, JAVA_LONG, JAVA_INT));
            this.destroy = library.function("opj_stream_destroy", FunctionDescriptor.ofVoid(ADDRESS));
            this.setRead = library.function("opj_stream_set_read_function", twoAddresses);
            this.setSkip = library.function("opj_stream_set_skip_function", twoAddresses);
            this.setSeek = library.function("opj_stream_set_seek_function", twoAddresses);
            this.setUserData =
                    library.function("opj_stream_set_user_data", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS));
            this.setLength =
                    library.function("opj_stream_set_user_data_length", FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG));
        }
    }

    /** @param arena must outlive this stream, and be of this thread */
    OpenJpegStream(Functions functions, Arena arena, Bytes source) throws Throwable {
        this.functions = functions;
        this.source = source;
        this.stream = (MemorySegment) functions.create.invokeExact(BUFFER_BYTES, 1);
        functions.setUserData.invokeExact(stream, MemorySegment.NULL, MemorySegment.NULL);
        functions.setLength.invokeExact(stream, (long) source.length());
        functions.setRead.invokeExact(stream, callback(arena, "read", long.class, MemorySegment.class, long.class));
        functions.setSkip.invokeExact(stream, callback(arena, "skip", long.class, long.class));
        functions.setSeek.invokeExact(stream, callback(arena, "seek", int.class, long.class));
    }

    MemorySegment handle() {
        return stream;
    }

    private MemorySegment callback(Arena arena, String name, Class<?> answer, Class<?>... arguments)
            throws ReflectiveOperationException {
        MethodType type = MethodType.methodType(answer, arguments).appendParameterTypes(MemorySegment.class);
        MethodHandle target = MethodHandles.lookup().bind(this, name, type);
        FunctionDescriptor descriptor = FunctionDescriptor.of(layout(answer));
        for (Class<?> argument : type.parameterArray()) {
            descriptor = descriptor.appendArgumentLayouts(layout(argument));
        }
        return Linker.nativeLinker().upcallStub(target, descriptor, arena);
    }

    private static MemoryLayout layout(Class<?> type) {
        if (type == long.class) {
            return JAVA_LONG;
        }
        return type == int.class ? JAVA_INT : ADDRESS;
    }

    /** opj_stream_read_fn. */
    private long read(MemorySegment buffer, long bytes, MemorySegment userData) {
        long count = Math.min(bytes, source.length() - position);
        if (count <= 0) {
            return END;
        }
        MemorySegment.copy(
                source.array(), source.offset() + (int) position, buffer.reinterpret(count), JAVA_BYTE, 0, (int) count);
        position += count;
        return count;
    }

    /** opj_stream_skip_fn. */
    private long skip(long bytes, MemorySegment userData) {
        long count = Math.clamp(bytes, -position, source.length() - position);
        position += count;
        return count == 0 && bytes != 0 ? END : count;
    }

    /** opj_stream_seek_fn. */
    private int seek(long to, MemorySegment userData) {
        if (to < 0 || to > source.length()) {
            return 0;
        }
        position = to;
        return 1;
    }

    @Override
    public void close() {
        try {
            functions.destroy.invokeExact(stream);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a native call has no checked exceptions", e);
        }
    }
}
