package org.mailrelay.listener;

import org.mailrelay.core.smtp.OurReplies;

/// What a session has cost so far. RSET, EHLO and STARTTLS set nothing back; only a message that was taken forgives idle commands.
final class CommandCounts {

    static final int MOST_ERRORS = 20;
    static final int MOST_BAD_COMMANDS = 5;
    /// Commands that lead nowhere (NOOP, RSET, VRFY, EHLO and the like) in a row, without a message between them.
    static final int MOST_IDLE_COMMANDS = 200;

    private int errors;
    private int badCommands;
    private int idleCommands;

    void badCommand() {
        badCommands++;
    }

    /// A transaction's command was taken: 250 to RCPT, 354.
    void progress() {
        idleCommands = 0;
    }

    /// The reaction itself, or 421 once a limit is reached.
    Reaction judge(Reaction reaction) {
        if (reaction instanceof Reaction.Answer answer) {
            idleCommands++;
            if (!answer.reply().positive()) {
                errors++;
            }
            if (errors >= MOST_ERRORS || badCommands >= MOST_BAD_COMMANDS || idleCommands >= MOST_IDLE_COMMANDS) {
                return new Reaction.Leave(OurReplies.TOO_MANY_ERRORS);
            }
        }
        return reaction;
    }
}
