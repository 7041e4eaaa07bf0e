package io.bloodnet.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicomweb.ArchiveAccess;
import io.bloodnet.imaging.dicomweb.DicomWebClient;
import io.bloodnet.imaging.dicomweb.DicomWebSettings;
import io.bloodnet.imaging.finding.Destination;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.sandbox.SandboxHospital;
import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.ct.CtStudyFiles;
import io.bloodnet.sandbox.ehr.SampleResources;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts the synthetic samples into a real PACS and a real EHR that a person named for the demo. */
final class RealPeers {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private RealPeers() {}

    static void load(SandboxHospital hospital, List<SampleCase> cases, @Nullable URI pacs, @Nullable URI ehr)
            throws IOException, InterruptedException {
        Instant now = Instant.now();
        for (SampleCase sample : cases) {
            if (pacs != null) {
                store(pacs, sample, now);
            }
            if (ehr != null) {
                put(ehr, SampleResources.of(sample, now));
            }
        }
    }

    private static void store(URI pacs, SampleCase sample, Instant now) {
        try (DicomWebClient client =
                new DicomWebClient(DicomWebSettings.of(pacs, ArchiveAccess.OPEN), DicomLimits.DEFAULT)) {
            for (byte[] file : CtStudyFiles.make(sample, now)) {
                String sop = new DicomReader(DicomLimits.DEFAULT)
                        .read(file)
                        .dataSet()
                        .requiredUid(Tag.SOP_INSTANCE_UID);
                Destination.Outcome outcome = client.store(new StudyUid(sample.studyUid()), sop, file);
                if (!(outcome instanceof Destination.Outcome.Delivered)) {
                    throw new IllegalStateException("the PACS did not take a sample image: " + outcome);
                }
            }
        }
    }

    private static void put(URI ehr, List<ObjectNode> resources) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build()) {
            for (ObjectNode resource : resources) {
                String path = "/" + resource.path("resourceType").asText() + "/"
                        + resource.path("id").asText();
                HttpRequest request = HttpRequest.newBuilder(
                                URI.create(ehr.toString().replaceAll("/+$", "") + path))
                        .timeout(LIMIT)
                        .header("Content-Type", "application/fhir+json")
                        .PUT(HttpRequest.BodyPublishers.ofString(resource.toString()))
                        .build();
                int status = http.send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode();
                if (status / 100 != 2) {
                    throw new IOException("the EHR answered " + status + " to a sample "
                            + resource.path("resourceType").asText());
                }
            }
        }
    }
}
