package org.mailrelay.core.access;

import java.util.Optional;
import org.mailrelay.core.mail.AddressText;

/// A block of IP addresses: `10.0.0.0/8`, `2001:db8::/32`, or a single address.
///
/// Kept as 128 bits; IPv4 stands in its v4-mapped place (`::ffff:0:0/96`), so that `127.0.0.1` and `::ffff:127.0.0.1` are one
/// address however the peer's socket shows it (RFC 4291 §2.5.5.2). A block of IPv6 proper, `::/0` included, holds no IPv4 address.
///
/// @param high   the first 64 bits, bits behind the prefix cleared
/// @param low    the last 64 bits, likewise
/// @param prefix 0 to 128; for IPv4 96 more than written
public record AddressBlock(long high, long low, int prefix) {

    private static final long MAPPED = 0xffff_0000_0000L;
    private static final long MAPPED_MASK = 0xffff_ffff_0000_0000L;

    public AddressBlock {
        if (prefix < 0 || prefix > 128) {
            throw new IllegalArgumentException("prefix " + prefix);
        }
        high &= highMask(prefix);
        low &= lowMask(prefix);
    }

    /// Reads `address` or `address/prefix`. Strict: four full decimal octets without leading zeros, no `127.1`, no netmasks.
    /// Bits behind the prefix are dropped (`10.1.1.7/24` is `10.1.1.0/24`).
    public static Optional<AddressBlock> parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return AddressText.parse(text).map(AddressBlock::single);
        }
        Optional<byte[]> address = AddressText.parse(text.substring(0, slash));
        int prefix = prefixLength(text, slash + 1);
        if (address.isEmpty() || prefix < 0 || prefix > address.get().length * 8) {
            return Optional.empty();
        }
        int widened = address.get().length == 4 ? prefix + 96 : prefix;
        return Optional.of(new AddressBlock(highOf(address.get()), lowOf(address.get()), widened));
    }

    /// The block that holds this one address (4 or 16 octets, as `InetAddress.getAddress()` gives them).
    public static AddressBlock single(byte[] address) {
        return new AddressBlock(highOf(address), lowOf(address), 128);
    }

    /// What one client is counted as: an IPv4 address, or of IPv6 the network of 64 bits, all of whose addresses one host can have (RFC 4291 §2.5.1).
    ///
    /// @param address 4 or 16 octets, as `InetAddress.getAddress()` gives them
    public static AddressBlock ofClient(byte[] address) {
        AddressBlock own = single(address);
        return own.isV4() ? own : new AddressBlock(own.high, own.low, 64);
    }

    /// @param address 4 or 16 octets, as `InetAddress.getAddress()` gives them
    public boolean contains(byte[] address) {
        long addressHigh = highOf(address);
        long addressLow = lowOf(address);
        if (isMapped(addressHigh, addressLow) && !isV4()) {
            return false;
        }
        return (addressHigh & highMask(prefix)) == high && (addressLow & lowMask(prefix)) == low;
    }

    public boolean isV4() {
        return prefix >= 96 && isMapped(high, low);
    }

    /// True for `0.0.0.0/0` and `::/0`: everyone of that family.
    public boolean isEverything() {
        return prefix == 0 || prefix == 96 && isV4();
    }

    @Override
    public String toString() {
        if (!isV4()) {
            return v6Text() + (prefix == 128 ? "" : "/" + prefix);
        }
        String dotted = (low >>> 24 & 255) + "." + (low >>> 16 & 255) + "." + (low >>> 8 & 255) + "." + (low & 255);
        return dotted + (prefix == 128 ? "" : "/" + (prefix - 96));
    }

    /// RFC 5952 §4: lower case, no leading zeros, the first longest run of zero groups as `::`.
    private String v6Text() {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (int) ((i < 4 ? high : low) >>> (3 - i % 4) * 16) & 0xffff;
        }
        int best = -1;
        int length = 1;
        for (int i = 0; i < 8; i++) {
            int run = 0;
            while (i + run < 8 && groups[i + run] == 0) {
                run++;
            }
            if (run > length) {
                best = i;
                length = run;
            }
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == best) {
                out.append("::");
                i += length - 1;
            } else {
                out.append(out.isEmpty() || out.charAt(out.length() - 1) == ':' ? "" : ":").append(Integer.toHexString(groups[i]));
            }
        }
        return out.toString();
    }

    private static int prefixLength(String text, int from) {
        int digits = text.length() - from;
        if (digits < 1 || digits > 3 || digits > 1 && text.charAt(from) == '0') {
            return -1;
        }
        int value = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + c - '0';
        }
        return value;
    }

    private static boolean isMapped(long high, long low) {
        return high == 0 && (low & MAPPED_MASK) == MAPPED;
    }

    private static long highMask(int prefix) {
        return prefix == 0 ? 0 : prefix >= 64 ? -1L : -1L << 64 - prefix;
    }

    private static long lowMask(int prefix) {
        return prefix <= 64 ? 0 : -1L << 128 - prefix;
    }

    private static long highOf(byte[] address) {
        return switch (address.length) {
            case 4 -> 0;
            case 16 -> read(address, 0, 8);
            default -> throw new IllegalArgumentException("address of " + address.length + " octets");
        };
    }

    private static long lowOf(byte[] address) {
        return address.length == 4 ? MAPPED | read(address, 0, 4) : read(address, 8, 8);
    }

    private static long read(byte[] octets, int from, int count) {
        long value = 0;
        for (int i = from; i < from + count; i++) {
            value = value << 8 | octets[i] & 255;
        }
        return value;
    }
}
