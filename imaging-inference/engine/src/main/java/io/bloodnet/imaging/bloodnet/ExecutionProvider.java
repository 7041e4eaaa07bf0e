package io.bloodnet.imaging.bloodnet;

/** Where the network runs. */
public enum ExecutionProvider {
    /** The processor; always there. */
    CPU,
    /** An NVIDIA GPU; needs the build with {@code -Pcuda}, CUDA 12 and cuDNN 9. */
    CUDA
}
