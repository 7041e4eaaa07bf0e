package io.bloodnet.sandbox;

/**
 * Where the pretend hospital listens on loopback; 0 takes any free port.
 *
 * @param pacs DICOMweb
 * @param ehr FHIR
 * @param hl7 receiver of results
 */
public record SandboxPorts(int pacs, int ehr, int hl7) {

    /** The ports that the documentation names. */
    public static final SandboxPorts DOCUMENTED = new SandboxPorts(8081, 8082, 2576);

    /** Any free ports. */
    public static final SandboxPorts ANY = new SandboxPorts(0, 0, 0);

    /** @throws IllegalArgumentException when a port is not in 0..65535 */
    public SandboxPorts {
        requirePort("pacs", pacs);
        requirePort("ehr", ehr);
        requirePort("hl7", hl7);
    }

    private static void requirePort(String name, int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException(name + " port " + port + " is not in 0..65535");
        }
    }
}
