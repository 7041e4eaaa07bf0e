package io.bloodnet.imaging.finding;

/**
 * Which model gave a result.
 *
 * @param id the bundle's id
 * @param version the bundle's version
 * @param sha256 lower-case hexadecimal SHA-256 of {@code model.onnx}
 */
public record ModelId(String id, String version, String sha256) {}
