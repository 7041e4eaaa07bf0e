package io.bloodnet.server.cli;

import picocli.CommandLine.Command;

/** {@code ./bloodnet bench}. */
@Command(
        name = "bench",
        description = "Measures, as ratios beside a limit or a peer in the same run.",
        mixinStandardHelpOptions = true)
final class BenchCommand {}
