package org.mailrelay.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailrelay.core.tls.HostTerms;
import org.mailrelay.core.tls.TlsLevel;
import org.mailrelay.core.tls.TlsReason;
import org.mailrelay.core.tls.TlsRequirement;
import org.mailrelay.core.tls.TlsRule;
import org.mailrelay.delivery.conversation.HostFailure;
import org.mailrelay.delivery.conversation.RecipientResult;
import org.mailrelay.testkit.mx.Effect;
import org.mailrelay.testkit.mx.FakeMx;

/// What a host may do at each moment, and what it comes to: always a value, never an exception, never a message taken for
/// delivered that was not.
@Timeout(60)
class HostEffectsTest {

    private static SocketBench bench;

    @BeforeAll
    static void open() {
        bench = new SocketBench();
    }

    @AfterAll
    static void close() {
        bench.close();
    }

    private static Effect effect(String name, int code) {
        return switch (name) {
            case "refuse4" -> Effect.line("450 4.3.2 later");
            case "refuse5" -> Effect.line("550 5.7.1 no");
            case "closing" -> new Effect.SayAndClose("421 4.3.2 bye\r\n");
            case "stall" -> new Effect.Stall();
            case "drip" -> new Effect.Drip();
            case "close" -> new Effect.Close();
            case "mid-reply" -> new Effect.SayAndClose(code + "-half");
            case "garbage" -> Effect.line("what is this");
            case "split" -> new Effect.SaySplit(List.of(Integer.toString(code), " ok\r", "\n"));
            case "bytewise" -> new Effect.SayBytewise(code + " ok\r\n");
            case "8bit" -> Effect.line(code + " \u00e4\u00ff");
            case "huge" -> new Effect.Say((code + "-" + "x".repeat(500) + "\r\n").repeat(100));
            case "mixed" -> new Effect.Say(code + "-a\r\n" + (code + 1) + " b\r\n");
            case "bare-lf" -> new Effect.Say(code + " ok\n");
            case "bare-cr" -> new Effect.Say(code + " o\rk\r\n");
            case "nul" -> new Effect.Say(code + " o\0k\r\n");
            case "3yz" -> Effect.line("334 more");
            default -> throw new IllegalArgumentException(name);
        };
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GREETING | refuse4 refuse5 closing             | host Refused
            GREETING | stall drip close mid-reply          | host Lost
            GREETING | garbage huge mixed bare-cr nul      | host OutOfStep
            GREETING | split bytewise 8bit bare-lf         | Delivered
            EHLO     | refuse4 closing                     | host Refused
            EHLO     | stall drip close mid-reply          | host Lost
            EHLO     | garbage huge mixed bare-cr nul      | host OutOfStep
            EHLO     | refuse5 split bytewise 8bit bare-lf | Delivered
            MAIL     | refuse4 refuse5 closing             | Refused MAIL
            MAIL     | stall drip close mid-reply garbage huge mixed bare-cr nul 3yz | Lost MAIL
            MAIL     | split bytewise 8bit bare-lf         | Delivered
            RCPT     | refuse4 refuse5 closing             | Refused RCPT
            RCPT     | stall drip close mid-reply garbage huge mixed bare-cr nul 3yz | Lost RCPT
            RCPT     | split bytewise 8bit bare-lf         | Delivered
            DATA     | refuse4 refuse5 closing             | Refused DATA
            DATA     | stall drip close mid-reply garbage huge mixed bare-cr nul 3yz 8bit | Lost DATA
            CONTENT  | refuse4 refuse5 closing             | Refused END_OF_DATA
            CONTENT  | stall drip close mid-reply garbage huge mixed bare-cr nul 3yz | Ambiguous
            CONTENT  | split bytewise 8bit bare-lf         | Delivered
            """)
    void R_RPL_eachEffectHasItsOutcome(String moment, String effects, String outcome) throws Exception {
        HostTerms clear = new HostTerms(TlsRequirement.of(TlsRequirement.Encryption.NEVER), new TlsRule(TlsLevel.NONE, "conf/destinations.yaml:1", "default"), false, false,
                TlsReason.POLICY_NONE, false);
        for (String name : effects.split(" ")) {
            Effect effect = effect(name, moment.equals("GREETING") ? 220 : 250);
            try (FakeMx mx = new FakeMx(new FakeMx.Script(Optional.empty(), Map.of(moment, effect)))) {
                RecordingSource source = bench.run(mx.address(), "mx1.example.com", clear, Optional.empty(), new RecordingSource(1));
                assertThat(outcome(source)).as(name + " at " + moment).isEqualTo(outcome);
                assertThat(source.closings).isEqualTo(1);
            }
        }
    }

    private static String outcome(RecordingSource source) {
        if (source.failure.isDone()) {
            HostFailure why = source.failure.join();
            return "host " + why.getClass().getSimpleName();
        }
        return switch (source.results.getFirst().recipients().getFirst()) {
            case RecipientResult.Delivered _ -> "Delivered";
            case RecipientResult.Refused refused -> "Refused " + refused.stage();
            case RecipientResult.Lost lost -> "Lost " + lost.stage();
            case RecipientResult.Ambiguous _ -> "Ambiguous";
            case RecipientResult.Unfit _ -> "Unfit";
            case RecipientResult.TooMany _ -> "TooMany";
        };
    }
}
