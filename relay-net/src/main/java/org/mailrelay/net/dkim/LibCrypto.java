package org.mailrelay.net.dkim;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.security.SignatureException;
import java.util.List;
import java.util.Optional;
import org.mailrelay.core.dkim.Algorithm;
import org.mailrelay.core.dkim.Hash;
import org.mailrelay.core.dkim.SigningKey;

/// OpenSSL's libcrypto (3 or 1.1), called where the machine has it: a few functions that both versions have. Any thread.
///
/// Nothing that came from afar is parsed there: it is given keys of the operator's, and octets to hash.
final class LibCrypto {

    private static final List<String> NAMES = List.of("libcrypto.so.3", "libcrypto.so.1.1");
    /// Octets for a SHA256_CTX, which has no pointers and 112 of them.
    private static final int HASH_STATE = 256;
    private static final int DIGEST = 32;
    /// The longest signature: RSA of 16384 bits.
    private static final int MOST_SIGNATURE = 2_048;
    private static final Optional<LibCrypto> FOUND = find();

    private final MethodHandle readKey;
    private final MethodHandle freeKey;
    private final MethodHandle newContext;
    private final MethodHandle freeContext;
    private final MethodHandle sha256;
    private final MethodHandle signInit;
    private final MethodHandle sign;
    private final MethodHandle hashInit;
    private final MethodHandle hashUpdate;
    private final MethodHandle hashFinal;

    private LibCrypto(SymbolLookup library) {
        Linker linker = Linker.nativeLinker();
        readKey = function(linker, library, "d2i_AutoPrivateKey", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
        freeKey = function(linker, library, "EVP_PKEY_free", FunctionDescriptor.ofVoid(ADDRESS));
        newContext = function(linker, library, "EVP_MD_CTX_new", FunctionDescriptor.of(ADDRESS));
        freeContext = function(linker, library, "EVP_MD_CTX_free", FunctionDescriptor.ofVoid(ADDRESS));
        sha256 = function(linker, library, "EVP_sha256", FunctionDescriptor.of(ADDRESS));
        signInit = function(linker, library, "EVP_DigestSignInit", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
        sign = function(linker, library, "EVP_DigestSign", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
        // These return at once and take arrays as they lie in the heap.
        Linker.Option inHeap = Linker.Option.critical(true);
        hashInit = function(linker, library, "SHA256_Init", FunctionDescriptor.of(JAVA_INT, ADDRESS), inHeap);
        hashUpdate = function(linker, library, "SHA256_Update", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG), inHeap);
        hashFinal = function(linker, library, "SHA256_Final", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS), inHeap);
    }

    private static MethodHandle function(Linker linker, SymbolLookup library, String name, FunctionDescriptor shape, Linker.Option... options) {
        return linker.downcallHandle(library.find(name).orElseThrow(() -> new IllegalArgumentException("no function " + name)), shape, options);
    }

    /// Empty where the machine has no libcrypto, or not one with all that is needed, or the JVM may not call it.
    static Optional<LibCrypto> found() {
        return FOUND;
    }

    private static Optional<LibCrypto> find() {
        for (String name : NAMES) {
            try {
                return Optional.of(new LibCrypto(SymbolLookup.libraryLookup(name, Arena.global())));
            } catch (IllegalArgumentException | IllegalCallerException | UnsupportedOperationException notThere) {
                // the next, or the JDK
            }
        }
        return Optional.empty();
    }

    /// A key in native memory, freed once nothing refers to it.
    ///
    /// @throws SignatureException where libcrypto does not take it
    RawSigner signer(SigningKey key) throws SignatureException {
        byte[] der = key.pkcs8();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocateFrom(JAVA_BYTE, der);
            MemorySegment pointer = arena.allocateFrom(ADDRESS, copy);
            MemorySegment address = (MemorySegment) readKey.invokeExact(MemorySegment.NULL, pointer, (long) der.length);
            copy.fill((byte) 0);
            if (address.address() == 0) {
                throw new SignatureException("libcrypto does not take the key");
            }
            MemorySegment held = address.reinterpret(Arena.ofAuto(), this::free);
            boolean hashes = key.algorithm() == Algorithm.RSA_SHA256;
            return data -> sign(held, hashes, hashes ? data : digest(data));
        } catch (SignatureException refused) {
            throw refused;
        } catch (Throwable bug) {
            throw new IllegalStateException("a call into libcrypto", bug);
        }
    }

    private void free(MemorySegment key) {
        try {
            freeKey.invokeExact(key);
        } catch (Throwable bug) {
            throw new IllegalStateException("a call into libcrypto", bug);
        }
    }

    private byte[] sign(MemorySegment key, boolean hashes, byte[] data) throws SignatureException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment context = (MemorySegment) newContext.invokeExact();
            try {
                MemorySegment with = hashes ? (MemorySegment) sha256.invokeExact() : MemorySegment.NULL;
                MemorySegment out = arena.allocate(MOST_SIGNATURE);
                MemorySegment length = arena.allocateFrom(JAVA_LONG, MOST_SIGNATURE);
                MemorySegment in = arena.allocateFrom(JAVA_BYTE, data);
                int begun = (int) signInit.invokeExact(context, MemorySegment.NULL, with, MemorySegment.NULL, key);
                int signed = begun != 1 ? 0 : (int) sign.invokeExact(context, out, length, in, (long) data.length);
                if (signed != 1) {
                    throw new SignatureException("libcrypto does not sign");
                }
                return out.asSlice(0, length.get(JAVA_LONG, 0)).toArray(JAVA_BYTE);
            } finally {
                freeContext.invokeExact(context);
            }
        } catch (SignatureException refused) {
            throw refused;
        } catch (Throwable bug) {
            throw new IllegalStateException("a call into libcrypto", bug);
        }
    }

    private byte[] digest(byte[] data) {
        Hash hash = hash();
        hash.update(data, 0, data.length);
        return hash.digest();
    }

    /// SHA-256: a tenth of what the JDK's costs where only the first compiler is at work.
    Hash hash() {
        byte[] state = new byte[HASH_STATE];
        call(hashInit, MemorySegment.ofArray(state));
        return new Hash() {
            @Override
            public void update(byte[] octets, int from, int to) {
                try {
                    int done = (int) hashUpdate.invokeExact(MemorySegment.ofArray(state), MemorySegment.ofArray(octets).asSlice(from, to - from), (long) (to - from));
                    require(done);
                } catch (Throwable bug) {
                    throw new IllegalStateException("a call into libcrypto", bug);
                }
            }

            @Override
            public byte[] digest() {
                byte[] digest = new byte[DIGEST];
                try {
                    int done = (int) hashFinal.invokeExact(MemorySegment.ofArray(digest), MemorySegment.ofArray(state));
                    require(done);
                } catch (Throwable bug) {
                    throw new IllegalStateException("a call into libcrypto", bug);
                }
                return digest;
            }
        };
    }

    private static void call(MethodHandle function, MemorySegment argument) {
        try {
            int done = (int) function.invokeExact(argument);
            require(done);
        } catch (Throwable bug) {
            throw new IllegalStateException("a call into libcrypto", bug);
        }
    }

    private static void require(int done) {
        if (done != 1) {
            throw new IllegalStateException("libcrypto does not hash");
        }
    }
}
