package org.mailrelay.net.dkim;

import java.security.GeneralSecurityException;

/// A key that is ready to sign. Any thread.
@FunctionalInterface
interface RawSigner {

    /// @param data what `b=` is over: hashing it is a part of signing
    byte[] sign(byte[] data) throws GeneralSecurityException;
}
