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
        footer = "Beside the server: bloodnet demo (with a pretend hospital) and bloodnet bench (measurements).",
        subcommands = {
            ServeCommand.class,
            AnalyzeCommand.class,
            EvaluateCommand.class,
            AuditCommand.class,
            JobsCommand.class,
            Hl7Command.class
        })
public final class BloodNetCommand implements Runnable {

    /** Set by the start script: where the checkout is. */
    static final String HOME_PROPERTY = "bloodnet.home";

    @CommandLine.Spec
    CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    /** Runs one command and ends the process with its code. */
    public static void main(String[] args) {
        System.exit(run(new BloodNetCommand(), args));
    }

    /** Runs a command as this program runs its own: same logs, same exit codes, a failure as one sentence. @param command picocli's */
    public static int run(Object command, String... args) {
        Logs.configure();
        return commandLine(command).execute(args);
    }

    /** The commands, without a process around them. */
    static CommandLine commandLine(Object top) {
        return new CommandLine(top)
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
    public static Path home() {
        return Path.of(System.getProperty(HOME_PROPERTY, "."));
    }

    /** The shipped model bundle. */
    public static Path shippedBundle() {
        return home().resolve("imaging-inference/model");
    }
}
