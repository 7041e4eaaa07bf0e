package io.bloodnet.server.cli;

import io.bloodnet.server.Main;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code ./bloodnet}: the process' entry. Exit codes: 0 done, 1 a check failed, 2 bad input or configuration, 3 not analyzed. */
@Command(
        name = "bloodnet",
        description =
                "BloodNet CDS: finds suspected intracranial hemorrhage on head CTs. Not cleared for clinical use.",
        version = "BloodNet CDS " + Main.VERSION,
        mixinStandardHelpOptions = true,
        subcommands = {
            DemoCommand.class,
            ServeCommand.class,
            AnalyzeCommand.class,
            EvaluateCommand.class,
            AuditCommand.class,
            JobsCommand.class,
            Hl7Command.class,
            BenchCommand.class
        })
public final class BloodNetCommand implements Runnable {

    /** Set by the start script: where the checkout is. */
    static final String HOME_PROPERTY = "bloodnet.home";

    @CommandLine.Spec
    CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    /** Runs one command and ends the process with its code. */
    public static void main(String[] args) {
        Logs.configure();
        System.exit(commandLine().execute(args));
    }

    /** The commands, without a process around them. */
    static CommandLine commandLine() {
        return new CommandLine(new BloodNetCommand())
                .setExecutionExceptionHandler((e, command, parsed) -> {
                    command.getErr().println(Failures.sentence(e));
                    return CommandLine.ExitCode.USAGE;
                })
                .setUsageHelpAutoWidth(true);
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    /** The checkout that the start script lies in. */
    static Path home() {
        return Path.of(System.getProperty(HOME_PROPERTY, "."));
    }

    /** The shipped model bundle. */
    static Path shippedBundle() {
        return home().resolve("imaging-inference/model");
    }
}
