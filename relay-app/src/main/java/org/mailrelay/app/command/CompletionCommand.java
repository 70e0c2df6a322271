package org.mailrelay.app.command;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "completion", mixinStandardHelpOptions = true, description = "Print a script that completes commands and options: eval \"$(mailrelay completion bash)\".")
final class CompletionCommand implements Callable<Integer> {

    private enum Shell { BASH, ZSH }

    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    private Shell shell = Shell.BASH;

    @Override
    public Integer call() {
        if (shell == Shell.ZSH) {
            System.out.println("autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit");
        }
        System.out.println(AutoComplete.bash("mailrelay", Mailrelay.commandLine()));
        return 0;
    }
}
