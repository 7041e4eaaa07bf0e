package io.bloodnet.imaging.dicomweb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.data.Offset.offset;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ExecutionProvider;
import io.bloodnet.imaging.bloodnet.TestNetwork;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.finding.Destination.Outcome;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.BloodNetAnalyzer;
import io.bloodnet.imaging.study.Phantom;
import io.bloodnet.imaging.study.StudyAnalyzer;
import io.bloodnet.imaging.study.StudySource;
import io.bloodnet.imaging.study.StudySource.StudyLookup;
import io.bloodnet.imaging.study.StudySourceException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Instant;
import java.time.ZoneOffset;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The way there and back with a real archive; runs inside deploy/test/with-orthanc.sh and is skipped elsewhere. */
class OrthancTest {

    private static final StudyUid STUDY = new StudyUid(Phantom.STUDY);
    private static final PatientId PATIENT = new PatientId(Phantom.PATIENT, null);

    private DicomWebClient client;

    @BeforeEach
    void connect() {
        String url = System.getenv("BLOODNET_ORTHANC_URL");
        Assumptions.assumeTrue(url != null, "skipped: no BLOODNET_ORTHANC_URL, see deploy/test/with-orthanc.sh");
        client = client(ArchiveSignIn.basic("bloodnet", Path.of(System.getenv("BLOODNET_ORTHANC_PASSWORD_FILE"))));
    }

    private static DicomWebClient client(ArchiveSignIn signIn) {
        URI url = URI.create(System.getenv("BLOODNET_ORTHANC_URL"));
        return new DicomWebClient(DicomWebSettings.of(url, new ArchiveAccess(signIn, trusted())), DicomLimits.DEFAULT);
    }

    private static SSLContext trusted() {
        try {
            KeyStore store = KeyStore.getInstance(
                    Path.of(System.getenv("BLOODNET_ORTHANC_TRUST_STORE")).toFile(), "changeit".toCharArray());
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void orthanc_lets_nobody_in_without_the_password_or_over_a_certificate_that_is_not_trusted() throws IOException {
        try (DicomWebClient stranger = client(ArchiveSignIn.none())) {
            assertThat(stranger.reachable()).isFalse();
            assertThatExceptionOfType(StudySourceException.class)
                    .isThrownBy(() -> stranger.find(STUDY, null, PATIENT))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(StudySourceException.Code.REFUSED));
        }
        URI url = URI.create(System.getenv("BLOODNET_ORTHANC_URL"));
        try (DicomWebClient untrusting =
                new DicomWebClient(DicomWebSettings.of(url, ArchiveAccess.OPEN), DicomLimits.DEFAULT, _ -> {})) {
            assertThat(untrusting.reachable()).isFalse();
        }
        assertThat(client.reachable()).isTrue();
    }

    @AfterEach
    void disconnect() {
        if (client != null) {
            client.close();
        }
    }

    @Test
    void a_study_goes_from_orthanc_to_a_finding_and_its_mask_back() {
        assertThat(client.reachable()).isTrue();
        assertThat(client.find(new StudyUid("2.25.404"), null, PATIENT)).isInstanceOf(StudyLookup.NotFound.class);
        Phantom phantom = Phantom.plain();
        for (int slice = 0; slice < phantom.slices(); slice++) {
            assertThat(client.store(STUDY, Phantom.sop(slice), phantom.file(slice)))
                    .isEqualTo(new Outcome.Delivered(Phantom.sop(slice)));
        }
        StudyLookup found = client.find(null, new AccessionNumber(Phantom.ACCESSION), PATIENT);
        StudySource.StudyListing listing = ((StudyLookup.Found) found).listing();
        assertThat(listing.instanceCount()).isEqualTo(12);

        try (BloodNet net = BloodNet.open(
                TestNetwork.bundle(TestNetwork.Probability.BY_VOLUME),
                new BloodNet.Settings(ExecutionProvider.CPU, 2, 2))) {
            StudyAnalyzer.Analysis analysis = new BloodNetAnalyzer(
                            client.images(), net, BloodNetAnalyzer.Limits.DEFAULT, ZoneOffset.UTC)
                    .analyze(listing);
            Finding.Analyzed finding = (Finding.Analyzed) analysis.finding();
            assertThat(finding.bloodVolumeMl()).isCloseTo(phantom.bleedMl(), offset(1e-6));

            byte[] seg = analysis.mask().toSeg("2.25.71", "2.25.72", Instant.EPOCH);
            assertThat(client.store(STUDY, "2.25.71", seg)).isEqualTo(new Outcome.Delivered("2.25.71"));
            assertThat(client.store(STUDY, "2.25.71", seg)).isEqualTo(new Outcome.Delivered("2.25.71"));
        }
        assertThat(client.store(STUDY, "2.25.73", new byte[] {1, 2, 3})).isInstanceOf(Outcome.Refused.class);
        StudyLookup again = client.find(STUDY, null, PATIENT);
        assertThat(((StudyLookup.Found) again).listing().series())
                .extracting(StudySource.SeriesListing::modality)
                .containsExactlyInAnyOrder("CT", "SEG");
    }
}
