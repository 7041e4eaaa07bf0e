package io.bloodnet.imaging.codec;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/** A codec's C library, where the machine has it: found by its file name, never shipped, never downloaded. Safe for many threads. */
@SuppressWarnings("restricted") // native access is enabled for the whole application
final class NativeLibrary {

    private final SymbolLookup symbols;

    private NativeLibrary(SymbolLookup symbols) {
        this.symbols = symbols;
    }

    /** The first of these files that the machine's loader finds; empty where it finds none. */
    static Optional<NativeLibrary> find(List<String> fileNames) {
        for (String name : fileNames) {
            try {
                return Optional.of(new NativeLibrary(SymbolLookup.libraryLookup(name, Arena.global())));
            } catch (IllegalArgumentException e) {
                continue; // not installed under this name
            }
        }
        return Optional.empty();
    }

    /** @throws java.util.NoSuchElementException when the library is of a version without that function */
    MethodHandle function(String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), descriptor);
    }
}
