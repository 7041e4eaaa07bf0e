package io.bloodnet.server.cdshooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.bloodnet.server.cdshooks.request.HookService;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is not as the protocol says is told so, and the next good request is answered. */
class BadRequestTest {

    private static final HookService VIEW = HookService.PATIENT_VIEW;
    private static HooksServer server;

    @BeforeAll
    static void start() {
        server = new HooksServer(HooksServer.config());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void refuses_missing_and_wrong_members() {
        refuses(400, b -> b.remove("hook"));
        refuses(400, b -> b.put("hook", "order-sign"));
        refuses(400, b -> b.remove("hookInstance"));
        refuses(400, b -> b.put("hookInstance", "one"));
        refuses(400, b -> b.remove("context"));
        refuses(400, b -> b.putArray("context"));
        refuses(400, b -> context(b).remove("patientId"));
        refuses(400, b -> context(b).put("patientId", "../x"));
        refuses(400, b -> context(b).put("patientId", 7));
        refuses(400, b -> context(b).remove("userId"));
        refuses(400, b -> context(b).put("userId", "dr-1"));
        refuses(400, b -> context(b).put("userId", "Group/1"));
        refuses(400, b -> b.put("prefetch", "x"));
        refuses(400, b -> b.putObject("fhirAuthorization").put("access_token", "x"));
        refuses(400, b -> b.put("fhirServer", "file:///etc/passwd"));
    }

    @Test
    void refuses_the_patient_of_another_chart() {
        refuses(400, b -> ((ObjectNode) b.path("prefetch").path("patient")).put("id", "somebody-else"));
        refuses(400, b -> ((ObjectNode) b.path("prefetch").path("patient")).put("resourceType", "Person"));
    }

    @Test
    void a_prefetch_that_failed_is_as_if_nothing_had_come() {
        ObjectNode failed = JsonNodeFactory.instance.objectNode().put("resourceType", "OperationOutcome");
        for (HookService service : new HookService[] {VIEW, HookService.ENCOUNTER_START}) {
            ObjectNode body = Requests.call(service);
            ((ObjectNode) body.get("prefetch")).set("patient", failed);
            assertRefused(412, server.call(service, body, null));
            ((ObjectNode) body.get("prefetch")).remove("patient");
            assertRefused(412, server.call(service, body, null));
        }
        ObjectNode order = Requests.orders(HookService.ORDER_SIGN, Requests.warfarin("m"));
        ((ObjectNode) order.get("prefetch")).set("patient", failed);
        assertRefused(412, server.call(HookService.ORDER_SIGN, order, null));
        refuses(412, b -> ((ObjectNode) b.get("prefetch")).put("patient", "x"));
    }

    @Test
    void a_byte_order_mark_before_the_body_is_passed_over() {
        assertThat(server.post("/" + VIEW.id(), "\ufeff" + Requests.call(VIEW)).statusCode())
                .isEqualTo(200);
    }

    @Test
    void a_patient_that_the_ehr_says_it_does_not_have_is_an_answer() {
        ObjectNode body = Requests.call(VIEW);
        ((ObjectNode) body.get("prefetch")).putNull("patient");
        assertThat(server.call(VIEW, body, null).statusCode()).isEqualTo(200);
    }

    @Test
    void refuses_orders_without_drafts_and_selections() {
        ObjectNode body = Requests.call(HookService.ORDER_SIGN);
        assertRefused(400, server.call(HookService.ORDER_SIGN, body, null));
        context(body).putObject("draftOrders").put("resourceType", "List");
        assertRefused(400, server.call(HookService.ORDER_SIGN, body, null));
        ObjectNode select = Requests.orders(HookService.ORDER_SELECT);
        assertRefused(400, server.call(HookService.ORDER_SELECT, select, null));
    }

    @Test
    void refuses_what_is_no_json_object_within_limits() {
        String good = Requests.call(VIEW).toString();
        for (String bad : new String[] {
            "",
            "[]",
            "null",
            "\"x\"",
            good.substring(0, 80),
            good + "{}",
            "{\"hook\":\"a\",\"hook\":\"b\"}",
            "{\"a\":".repeat(10_000)
        }) {
            assertRefused(400, server.post("/" + VIEW.id(), bad));
        }
        String number = "{\"x\":1e400000," + good.substring(1);
        assertThat(server.post("/" + VIEW.id(), number).statusCode()).isEqualTo(200);
        assertRefused(413, server.post("/" + VIEW.id(), "{\"x\":\"" + "y".repeat(20 << 20) + "\"}"));
    }

    @Test
    void refuses_other_content_types_so_that_no_page_can_post_a_form() {
        for (String type : new String[] {"text/plain", "application/x-www-form-urlencoded", "application/fhir+xml"}) {
            assertRefused(415, server.post("/" + VIEW.id(), Requests.call(VIEW).toString(), "Content-Type", type));
        }
        String utf8 = "application/json; charset=utf-8";
        assertThat(server.post("/" + VIEW.id(), Requests.call(VIEW).toString(), "Content-Type", utf8)
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void knows_no_other_service_and_method() {
        assertRefused(404, server.post("/no-such-service", Requests.call(VIEW).toString()));
        assertRefused(404, server.get("/" + VIEW.id()));
        assertRefused(404, server.post("/a/b/c", "{}"));
    }

    @Test
    void never_dials_the_fhir_server_of_a_call() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        HttpServer canary = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        canary.createContext("/", exchange -> {
            calls.incrementAndGet();
            exchange.close();
        });
        canary.start();
        ObjectNode body = Requests.call(VIEW);
        body.put("fhirServer", "http://127.0.0.1:" + canary.getAddress().getPort() + "/fhir");
        body.putObject("fhirAuthorization").put("access_token", "x").put("token_type", "Bearer");
        assertThat(server.call(VIEW, body, null).statusCode()).isEqualTo(200);
        canary.stop(0);
        assertThat(calls).hasValue(0);
    }

    private static ObjectNode context(ObjectNode body) {
        return (ObjectNode) body.get("context");
    }

    private static void refuses(int status, Consumer<ObjectNode> change) {
        ObjectNode body = Requests.call(VIEW);
        change.accept(body);
        assertRefused(status, server.call(VIEW, body, null));
        assertThat(server.call(VIEW, Requests.call(VIEW), null).statusCode()).isEqualTo(200);
    }

    private static void assertRefused(int status, HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        CdsHooksServiceTest.assertOutcome(response);
    }
}
