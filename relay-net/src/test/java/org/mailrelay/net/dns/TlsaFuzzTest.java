package org.mailrelay.net.dns;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.HexFormat;
import org.mailrelay.core.tls.TlsaRecord;
import org.mailrelay.net.tls.TlsaMaterial;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.Type;

/// The data of a TLSA record as a server sends it: too short is no record, and of any other it can be said whether it is usable.
class TlsaFuzzTest {

    private static final Name NAME = Name.fromConstantString("_25._tcp.mx.example.net.");

    @FuzzTest(maxDuration = "1m")
    void rdata(byte[] octets) {
        Record record;
        try {
            record = Record.newRecord(NAME, Type.TLSA, DClass.IN, 300, octets);
        } catch (IllegalArgumentException tooShort) {
            return;
        }
        if (record instanceof TLSARecord tlsa) {
            TlsaRecord value = TlsaFinder.value(tlsa);
            assertThat(HexFormat.of().parseHex(value.data())).isEqualTo(tlsa.getCertificateAssociationData());
            assertThat(value.usage()).isBetween(0, 255);
            assertThat(value.toString().length()).isLessThan(100);
            TlsaMaterial.usable(value);
        }
    }
}
