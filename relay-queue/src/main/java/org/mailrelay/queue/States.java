package org.mailrelay.queue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The recipients' states of one message, packed for the index: a million messages may wait. Null stands for what almost all are: each
/// recipient as its record says, never tried.
///
/// The first octet is [#ALIKE], then one state stands for all, or [#EACH], then one follows for each recipient; a state is as records have
/// it, or [#AS_RECORDED].
final class States {

    private static final byte ALIKE = 0;
    private static final byte EACH = 1;
    private static final byte AS_RECORDED = 127;

    private States() {
    }

    /// The state in which each recipient's record has it: then it takes no memory of its own.
    static @Nullable RecipientState orAsRecorded(RecipientState state) {
        return state instanceof RecipientState.Waiting(int attempts, _, String reason, boolean warned) && attempts == 0 && reason.isEmpty() && !warned ? null : state;
    }

    static byte @Nullable [] packed(@Nullable RecipientState[] states) {
        boolean alike = Arrays.stream(states).allMatch(state -> java.util.Objects.equals(state, states[0]));
        if (alike && states[0] == null) {
            return null;
        }
        @Nullable RecipientState[] kept = alike ? Arrays.copyOf(states, 1) : states;
        ByteBuffer out = ByteBuffer.allocate(1 + Arrays.stream(kept).mapToInt(state -> state == null ? 1 : RecordCodec.bound(state)).sum());
        out.put(alike ? ALIKE : EACH);
        for (RecipientState state : kept) {
            if (state == null) {
                out.put(AS_RECORDED);
            } else {
                RecordCodec.putState(out, state);
            }
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    /// @return null for a recipient whose state is as its record says
    static @Nullable RecipientState[] unpacked(byte @Nullable [] packed, int recipients) {
        @Nullable RecipientState[] states = new RecipientState[recipients];
        if (packed == null) {
            return states;
        }
        ByteBuffer in = ByteBuffer.wrap(packed);
        if (in.get() == ALIKE) {
            Arrays.fill(states, state(in));
        } else {
            Arrays.setAll(states, _ -> state(in));
        }
        return states;
    }

    private static @Nullable RecipientState state(ByteBuffer in) {
        if (in.get(in.position()) == AS_RECORDED) {
            in.get();
            return null;
        }
        return RecordCodec.state(in);
    }

    /// @param recorded the states in the message's record
    static List<RecipientState> over(byte @Nullable [] packed, List<RecipientState> recorded) {
        if (packed == null) {
            return recorded;
        }
        @Nullable RecipientState[] states = unpacked(packed, recorded.size());
        RecipientState[] all = recorded.toArray(RecipientState[]::new);
        for (int i = 0; i < all.length; i++) {
            RecipientState changed = states[i];
            all[i] = changed == null ? all[i] : changed;
        }
        return List.of(all);
    }

    static boolean finished(byte @Nullable [] packed, int recipients) {
        return packed != null && Arrays.stream(unpacked(packed, packed[0] == ALIKE ? 1 : recipients)).allMatch(state -> state != null && state.isFinal());
    }
}
