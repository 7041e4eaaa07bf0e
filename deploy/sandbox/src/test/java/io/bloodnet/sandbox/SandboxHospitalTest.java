package io.bloodnet.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.sandbox.SandboxHospital.Answer;
import io.bloodnet.sandbox.SandboxHospital.ServerAddress;
import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.cases.SampleCases;
import io.bloodnet.sandbox.hl7.SandboxHl7;
import io.bloodnet.sandbox.http.LoopbackServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class SandboxHospitalTest {

    private final InstantSource clock = InstantSource.system();

    @Test
    void loads_studies_and_sends_each_order_by_its_route() throws Exception {
        List<String> events = new CopyOnWriteArrayList<>();
        List<SampleCase> cases = SampleCases.demo();
        try (SandboxHospital hospital = new SandboxHospital(SandboxPorts.ANY, cases, clock);
                SandboxHl7 listener = new SandboxHl7(0, clock);
                LoopbackServer server = new LoopbackServer(0, 1 << 20, (request, response) -> {
                    events.add(request.prologue().method().text() + " "
                            + request.path().path());
                    request.content().as(byte[].class);
                    response.status(201).send();
                })) {
            hospital.load(cases.getFirst());
            hospital.load(cases.get(2));
            ServerAddress address = new ServerAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.port()),
                    URI.create(server.origin() + "/fhir/events"));

            Answer byHl7 = hospital.sendOrder(cases.getFirst(), address);
            Answer byFhir = hospital.sendOrder(cases.get(2), address);

            assertThat(byHl7).isEqualTo(new Answer.Hl7("AA"));
            assertThat(byFhir).isEqualTo(new Answer.Http(201));
            assertThat(byHl7.accepted()).isTrue();
            assertThat(events)
                    .containsExactly(
                            "PUT /fhir/events/ImagingStudy/" + cases.get(2).fhirImagingStudyId());
            assertThat(listener.received().getFirst().first("OBR", 18))
                    .isEqualTo(cases.getFirst().accession());
            assertThat(hospital.pacs().files(cases.getFirst().studyUid(), "CT"))
                    .hasSize(cases.getFirst().instances());
            assertThat(hospital.ehr().resources("Patient")).hasSize(2);
        }
    }

    @Test
    void demo_cases_differ_in_patient_accession_and_study() {
        List<SampleCase> cases = SampleCases.demo();

        assertThat(cases).extracting(SampleCase::patientId).doesNotHaveDuplicates();
        assertThat(cases).extracting(SampleCase::accession).doesNotHaveDuplicates();
        assertThat(cases).extracting(SampleCase::studyUid).doesNotHaveDuplicates();
        assertThat(cases).extracting(SampleCase::expected).contains("bleed", "no bleed", "not analyzed");
        assertThat(cases).extracting(SampleCase::route).contains(SampleCase.Route.values());
        assertThat(SampleCases.demo(5))
                .extracting(SampleCase::accession)
                .doesNotContainAnyElementsOf(
                        cases.stream().map(SampleCase::accession).toList());
    }
}
