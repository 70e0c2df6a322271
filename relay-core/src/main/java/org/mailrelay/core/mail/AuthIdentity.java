package org.mailrelay.core.mail;

/// Whom the relay logs in as at a smart host. The secret never shows in text.
public record AuthIdentity(String name, String user, Secret secret) {

    /// A password that only its reader can see: `toString` hides it.
    public static final class Secret {
        private final String value;

        public Secret(String value) {
            this.value = value;
        }

        public String reveal() {
            return value;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Secret that && value.equals(that.value);
        }

        @Override
        public int hashCode() {
            return value.hashCode();
        }

        @Override
        public String toString() {
            return "(hidden)";
        }
    }
}
