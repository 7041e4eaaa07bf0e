package io.bloodnet.fhir.resultout;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingNumbers;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.imaging.finding.StudyFacts;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.DecimalType;
import org.hl7.fhir.r4.model.IntegerType;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Quantity;
import org.hl7.fhir.r4.model.Range;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.StringType;
import org.jspecify.annotations.Nullable;

/** The Observations of one report: probability, flag, blood volume and suitability; suitability alone where nothing was analyzed. */
final class Observations {

    /** What every Observation of a report shares. */
    record Frame(
            FindingReport report,
            Names names,
            AiMark mark,
            Filing filing,
            Reference study,
            Reference device,
            Reference performer) {}

    private final Frame frame;

    Observations(Frame frame) {
        this.frame = frame;
    }

    /** In the order in which a reader wants them. {@code maskEntry} refers to the mask's DocumentReference, null without a mask. */
    List<Observation> all(@Nullable Reference maskEntry) {
        List<Observation> all = new ArrayList<>();
        switch (frame.report().finding()) {
            case Finding.Analyzed a -> {
                all.add(flag(a));
                all.add(probability(a));
                all.add(volume(a, maskEntry));
                all.add(suitability(a));
            }
            case Finding.NotAnalyzed n -> all.add(notSuitable(n));
        }
        return all;
    }

    private Observation flag(Finding.Analyzed a) {
        Observation o = blank("flag", Code.concept(Code.FINDING, Code.FLAG));
        o.setValue((a.positive() ? Code.SUSPECTED : Code.NOT_SUSPECTED).concept());
        o.addInterpretation((a.positive() ? Code.CRITICAL : Code.NORMAL).concept());
        o.addExtension(
                Code.Systems.AI_CONFIDENCE, new DecimalType(FindingNumbers.of(a).probability()));
        o.addDerivedFrom(frame.study().copy());
        return o;
    }

    private Observation probability(Finding.Analyzed a) {
        Observation o = blank("probability", Code.PROBABILITY.concept());
        FindingNumbers numbers = FindingNumbers.of(a);
        o.setValue(quantity(numbers.probability(), "1", "1"));
        o.addInterpretation((a.positive() ? Code.ABNORMAL : Code.NORMAL).concept());
        o.addReferenceRange()
                .setHigh(quantity(numbers.threshold(), "1", "1"))
                .setText("operating threshold: at or above it, hemorrhage is suspected");
        o.addComponent().setCode(Code.THRESHOLD.concept()).setValue(quantity(numbers.threshold(), "1", "1"));
        o.addComponent()
                .setCode(Code.MODEL_VERSION.concept())
                .setValue(new StringType(a.model().id() + " " + a.model().version()));
        o.addDerivedFrom(frame.study().copy());
        return o;
    }

    private Observation volume(Finding.Analyzed a, @Nullable Reference maskEntry) {
        Observation o = blank("volume", Code.concept(Code.VOLUME, Code.BLOOD_VOLUME));
        BigDecimal ml = FindingNumbers.of(a).volumeMl();
        if (ml == null) {
            o.setDataAbsentReason(Code.UNKNOWN.concept());
        } else {
            o.setValue(quantity(ml, "mL", "mL"));
        }
        o.setBodySite(Code.BRAIN.concept());
        Finding.VolumeRange range = a.bloodVolumeRange();
        if (range != null && ml != null) {
            o.addComponent()
                    .setCode(Code.VOLUME_RANGE.concept())
                    .setValue(new Range()
                            .setLow(quantity(FindingNumbers.volume(range.leastMl()), "mL", "mL"))
                            .setHigh(quantity(FindingNumbers.volume(range.mostMl()), "mL", "mL")));
        }
        o.addComponent()
                .setCode(Code.SLICE_COUNT.concept())
                .setValue(new IntegerType(a.slices().size()));
        StudyFacts facts = frame.report().facts();
        if (facts.sourceSliceCount() != null) {
            o.addComponent()
                    .setCode(Code.SOURCE_SLICE_COUNT.concept())
                    .setValue(new IntegerType(facts.sourceSliceCount()));
        }
        thickness(o, Code.SLICE_THICKNESS, facts.sliceThicknessMm());
        thickness(o, Code.ANALYZED_THICKNESS, facts.analyzedThicknessMm());
        if (maskEntry != null) {
            o.addDerivedFrom(maskEntry.copy());
        }
        o.addDerivedFrom(frame.study().copy());
        return o;
    }

    private static void thickness(Observation o, Code code, @Nullable Double mm) {
        if (mm != null) {
            o.addComponent().setCode(code.concept()).setValue(quantity(ReportText.decimal(mm, 2), "mm", "mm"));
        }
    }

    private Observation suitability(Finding.Analyzed a) {
        Observation o = blank("suitability", Code.SUITABILITY.concept());
        o.setValue((a.positive() ? Code.RAN_WITH_FINDINGS : Code.RAN_WITHOUT_FINDINGS).concept());
        for (InputFlag flag : a.flags()) {
            o.addComponent()
                    .setCode(Code.INPUT_FLAG.concept())
                    .setValue(new CodeableConcept(ours(flag)).setText(flag.words()));
        }
        o.addDerivedFrom(frame.study().copy());
        return o;
    }

    private Observation notSuitable(Finding.NotAnalyzed n) {
        Observation o = blank("suitability", Code.SUITABILITY.concept());
        o.setValue(Code.DID_NOT_RUN.concept());
        o.addInterpretation(Code.INDETERMINATE.concept());
        o.addComponent()
                .setCode(Code.REASON.concept())
                .setValue(
                        new CodeableConcept(ours(n.reason())).setText(n.reason().sentence()));
        o.addDerivedFrom(frame.study().copy());
        return o;
    }

    private Observation blank(String role, CodeableConcept code) {
        FindingReport report = frame.report();
        Observation o = new Observation();
        frame.mark().on(o);
        o.addIdentifier(frame.names().observation(role));
        o.setStatus(
                report.kind() == FindingReport.Kind.WITHDRAWN
                        ? Observation.ObservationStatus.ENTEREDINERROR
                        : Observation.ObservationStatus.PRELIMINARY);
        o.addCategory(Code.CATEGORY_IMAGING.concept());
        o.setCode(code);
        o.setSubject(frame.filing().patient().copy());
        if (frame.filing().encounter() != null) {
            o.setEncounter(frame.filing().encounter().copy());
        }
        if (frame.filing().order() != null) {
            o.addBasedOn(frame.filing().order().copy());
        }
        o.setEffective(ReportResources.effective(report));
        o.setIssuedElement(ReportResources.instant(report.issuedAt()));
        o.addPerformer(frame.performer().copy());
        o.setDevice(frame.device().copy());
        o.setMethod(new CodeableConcept().setText("Deep neural network on non-contrast CT; not reviewed by a person"));
        return o;
    }

    private static Coding ours(Enum<?> value) {
        return new Coding(
                Code.Systems.OURS,
                value.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                value.name().toLowerCase(Locale.ROOT).replace('_', ' '));
    }

    /** A number with its UCUM unit. */
    static Quantity quantity(BigDecimal value, String unit, String ucum) {
        return new Quantity()
                .setValue(value)
                .setUnit(unit)
                .setSystem(Code.Systems.UCUM)
                .setCode(ucum);
    }
}
