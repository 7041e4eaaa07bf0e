package io.bloodnet.server.cli;

import picocli.CommandLine.Command;

/** {@code ./bloodnet hl7}. */
@Command(
        name = "hl7",
        description = "Sends an HL7 v2 message, or shows how it is understood.",
        mixinStandardHelpOptions = true)
final class Hl7Command {}
