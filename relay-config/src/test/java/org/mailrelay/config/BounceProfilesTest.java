package org.mailrelay.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailrelay.core.mail.Mailbox;
import org.mailrelay.core.settings.BounceProfile;

/// `bounce_profiles` of `destinations.yaml`.
class BounceProfilesTest {

    @TempDir
    Path folder;

    private Path conf;

    @BeforeEach
    void copyTheShippedFiles() throws IOException {
        conf = ShippedFiles.below(folder);
    }

    private ConfigLoader.Result load(String keys) throws IOException {
        Files.writeString(conf.resolve("destinations.yaml"), "default: {bounce_profile: p}\nbounce_profiles:\n  p: {" + keys + "}\n");
        return ConfigLoader.load(conf, Map.of());
    }

    private BounceProfile profile(String keys) throws IOException {
        return ((ConfigLoader.Loaded) load(keys)).settings().destinations().fallback().bounceProfile();
    }

    private List<String> problems(String keys) throws IOException {
        return ((ConfigLoader.Refused) load(keys)).problems().stream().map(ConfigProblem::toString).toList();
    }

    @Test
    void whatIsNotSaidIsTheDefault() throws IOException {
        BounceProfile silent = profile("max_retries: 3");
        assertThat(silent.delayWarning()).isEmpty();
        assertThat(silent.reports()).isEqualTo(BounceProfile.Reports.DEFAULT);
        assertThat(profile("delay_warning: off, bounce_from: none, double_bounce_to: off").reports()).isEqualTo(BounceProfile.Reports.DEFAULT);
    }

    @Test
    void everyKeyIsRead() throws IOException {
        BounceProfile profile = profile("delay_warning: 4h, dsn_original: full, bounce_from: bounces@relay.example.com, double_bounce_to: postmaster@example.com, "
                + "reports_per_address: 5, reports_per_domain: 50");
        assertThat(profile.delayWarning()).contains(Duration.ofHours(4));
        assertThat(profile.reports()).isEqualTo(new BounceProfile.Reports(BounceProfile.Original.FULL, Optional.of(Mailbox.of("bounces@relay.example.com")),
                Optional.of(Mailbox.of("postmaster@example.com")), new BounceProfile.ReportLimits(5, 50)));
        assertThat(profile("reports_per_address: 5000").reports().limits()).isEqualTo(new BounceProfile.ReportLimits(5_000, 5_000));
    }

    @Test
    void mistakesAreNamedAtTheirPlace() throws IOException {
        assertThat(problems("delay_warning: 80h")).singleElement().asString().startsWith("conf/destinations.yaml:3:6: delay_warning (PT80H) must be more than 0 and shorter");
        assertThat(problems("delay_warning: soon")).singleElement().asString().contains("delay_warning: found soon");
        assertThat(problems("bounce_from: postmaster")).singleElement().asString().isEqualTo("conf/destinations.yaml:3:20: bounce_from: found postmaster, expected an address, or none");
        assertThat(problems("reports_per_address: 10, reports_per_domain: 5")).singleElement().asString().contains("must not be less than reports_per_address");
        assertThat(problems("reports_per_address: 0")).singleElement().asString().contains("reports_per_address: found 0");
        assertThat(problems("dsn_orignal: full")).singleElement().asString().contains("did you mean dsn_original");
    }
}
