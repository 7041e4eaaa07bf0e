package io.bloodnet.fhir.eventin;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.fhir.Samples;
import io.bloodnet.fhir.eventin.Notification.Event;
import io.bloodnet.imaging.order.OrderInbox;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The operation {@code $events}: what it brings counts only when it is all of what was missed. */
class MissedEventsTest extends EventsFixture {

    private static final CatchUp.Missed FOUR_AND_FIVE = new CatchUp.Missed("Subscription/b", 4, 5);
    private static final String STUDY = "ImagingStudy/is1";

    @BeforeEach
    void seed() {
        fhir.seed(Samples.ORDER_JSON);
        fhir.seed(Samples.imagingStudy("is1", 32));
    }

    @ParameterizedTest
    @CsvSource({
        "4 5,true",
        "5 4,true",
        "3 4 5 6,true",
        "4,false",
        "5,false",
        "4 4,false",
        "3 4,false",
        "5 6,false",
        "3 6,false"
    })
    void all_of_the_missed_ones_must_be_there(String numbers, boolean all) {
        List<Event> events = Arrays.stream(numbers.split(" "))
                .map(number -> new Event(Long.parseLong(number), STUDY, null))
                .toList();
        assertThat(notification(events).tellsOf(FOUR_AND_FIVE)).isEqualTo(all);
    }

    @Test
    void one_that_does_not_say_what_it_is_about_is_not_there() {
        List<Event> events = List.of(new Event(4, STUDY, null), new Event(5, null, null));
        assertThat(notification(events).tellsOf(FOUR_AND_FIVE)).isFalse();
    }

    private static Notification notification(List<Event> events) {
        return new Notification("Subscription/b", "query-event", "active", 5, events);
    }

    @Test
    void they_are_taken_where_the_ehr_offers_it() {
        assertThat(receiver.fetch(FOUR_AND_FIVE)).as("not offered").isFalse();
        answer("history", STUDY, 4, 5);
        assertThat(receiver.fetch(FOUR_AND_FIVE)).isTrue();
        assertThat(inbox.placed()).hasSize(2);
        answer("searchset", STUDY, 4, 5);
        assertThat(receiver.fetch(FOUR_AND_FIVE)).as("as servers also write it").isTrue();
    }

    @Test
    void an_answer_that_is_not_all_of_them_is_left_to_polling() {
        answer("history", STUDY, 5);
        assertThat(receiver.fetch(FOUR_AND_FIVE)).as("one is missing").isFalse();
        answer("history", STUDY);
        assertThat(receiver.fetch(FOUR_AND_FIVE)).as("none is there").isFalse();
        fhir.missed.put(query(4, 5), Samples.PATIENT_JSON);
        assertThat(receiver.fetch(FOUR_AND_FIVE)).as("another resource").isFalse();
        answer(
                "history",
                STUDY,
                LongStream.rangeClosed(4, 4 + OrderInbox.EVENTS_MAX).toArray());
        assertThat(receiver.fetch(FOUR_AND_FIVE))
                .as("more than one message may bring")
                .isFalse();
        answer("history", "https://elsewhere.example/fhir/" + STUDY, 4, 5);
        assertThat(receiver.fetch(FOUR_AND_FIVE)).as("on another server").isFalse();
        assertThat(inbox.placed()).isEmpty();
    }

    @Test
    void what_cannot_be_asked_for_or_stored_is_left_to_polling() throws IOException {
        int asked = fhir.requests.size();
        assertThat(receiver.fetch(new CatchUp.Missed("Subscription/b", 1, OrderInbox.EVENTS_MAX + 1)))
                .as("too many")
                .isFalse();
        assertThat(receiver.fetch(new CatchUp.Missed("https://elsewhere.example/fhir/Subscription/b", 4, 5)))
                .as("another server's")
                .isFalse();
        assertThat(receiver.fetch(new CatchUp.Missed("Patient/p1", 4, 5)))
                .as("no subscription")
                .isFalse();
        assertThat(fhir.requests).hasSize(asked);

        answer("history", STUDY, 4, 5);
        inbox.unavailable = true;
        assertThat(receiver.fetch(FOUR_AND_FIVE)).as("the inbox is away").isFalse();
        fhir.close();
        assertThat(receiver.fetch(FOUR_AND_FIVE)).as("the EHR is away").isFalse();
        assertThat(inbox.placed()).isEmpty();
    }

    private static String query(long from, long to) {
        return "b?eventsSinceNumber=" + from + "&eventsUntilNumber=" + to + "&content=id-only";
    }

    /** What the EHR answers when it is asked for events 4 and 5. */
    private void answer(String bundleType, String focus, long... numbers) {
        String events = LongStream.of(numbers)
                .mapToObj(number -> """
                        ,{"name":"notification-event","part":[{"name":"event-number","valueString":"%d"},
                          {"name":"focus","valueReference":{"reference":"%s"}}]}""".formatted(number, focus))
                .collect(Collectors.joining());
        fhir.missed.put(query(4, 5), """
                {"resourceType":"Bundle","type":"%s","entry":[{"resource":{"resourceType":"Parameters","parameter":[
                 {"name":"subscription","valueReference":{"reference":"Subscription/b"}},{"name":"status","valueCode":"active"},
                 {"name":"type","valueCode":"query-event"},{"name":"events-since-subscription-start","valueString":"5"}%s]},
                 "request":{"method":"GET","url":"Subscription/b/$status"},"response":{"status":"200"}}]}""".formatted(bundleType, events));
    }
}
