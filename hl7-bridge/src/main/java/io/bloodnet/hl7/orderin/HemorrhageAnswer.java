package io.bloodnet.hl7.orderin;

import io.bloodnet.hl7.er7.Er7Segment;
import io.bloodnet.hl7.message.Coding;
import io.bloodnet.hl7.message.Coding.System;
import io.bloodnet.imaging.order.HemorrhageCodes;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the observations of one report say of intracranial hemorrhage. Only final observations and codes of known systems count, in each
 * repetition of OBX-5 and in each of its codings; a yes anywhere outweighs a no: a warning is never taken away by half of a report.
 */
final class HemorrhageAnswer {

    /** OBX-11 of an answer that is given: final, corrected, made final, and from 2.7 on amended, appended and verified (table 0085). */
    private static final Set<String> GIVEN = Set.of("F", "C", "U", "A", "B", "V");

    /**
     * LOINC codes of OBX-3 under which a code says why was asked or what was before, not what is seen: reasons for study, visit and
     * referral, histories, problem list, comparison study, clinical information.
     */
    private static final Set<String> NOT_SEEN = Set.of(
            "18785-6", "29299-5", "42349-1", "11329-0", "10164-2", "11348-0", "11450-4", "18834-2", "55752-0",
            "55286-9");

    /** Most repetitions of OBX-5 that are read; a field with more says nothing. */
    private static final int REPETITIONS_MAX = 1_000;

    private HemorrhageAnswer() {}

    /** Whether the observation is final, in one of the ways of table 0085. */
    static boolean isGiven(Er7Segment obx) {
        return GIVEN.contains(obx.text(11));
    }

    /** Null when nothing coded is said. */
    static @Nullable Boolean of(List<Er7Segment> observations) {
        Boolean answer = null;
        for (Er7Segment obx : observations) {
            Boolean said = isGiven(obx) ? said(obx) : null;
            if (Boolean.TRUE.equals(said)) {
                return true;
            }
            answer = said == null ? answer : said;
        }
        return answer;
    }

    /** A finding or diagnosis as a value is a yes; the question for hemorrhage has an answer. */
    private static @Nullable Boolean said(Er7Segment obx) {
        List<Coding> question = Coding.of(obx, 3, 0);
        boolean asked = question.stream().anyMatch(c -> c.is(System.SNOMED_CT, HemorrhageCodes.HEMORRHAGE));
        boolean seen = question.stream().noneMatch(c -> c.system() == System.LOINC && NOT_SEEN.contains(c.code()));
        int repetitions = obx.repetitions(5);
        if (!seen || repetitions > REPETITIONS_MAX) {
            return null;
        }
        Boolean answer = null;
        for (int i = 0; i < repetitions; i++) {
            Boolean said = said(obx, i, asked);
            if (Boolean.TRUE.equals(said)) {
                return true;
            }
            answer = said == null ? answer : said;
        }
        return answer;
    }

    private static @Nullable Boolean said(Er7Segment obx, int repetition, boolean asked) {
        return switch (obx.text(2)) {
            case "CE", "CWE", "CNE", "CF" -> coded(Coding.of(obx, 5, repetition), asked);
            case "ID", "IS" -> asked ? yesOrNo(obx.text(5, repetition, 1, 1)) : null;
            default -> null; // text is never guessed at
        };
    }

    private static @Nullable Boolean coded(List<Coding> codings, boolean asked) {
        Boolean answer = null;
        for (Coding coding : codings) {
            Boolean said = isHemorrhage(coding) ? Boolean.TRUE : asked ? answer(coding) : null;
            if (Boolean.TRUE.equals(said)) {
                return true;
            }
            answer = said == null ? answer : said;
        }
        return answer;
    }

    private static boolean isHemorrhage(Coding coding) {
        return switch (coding.system()) {
            case SNOMED_CT -> coding.code().equals(HemorrhageCodes.HEMORRHAGE);
            case ICD10 -> !coding.code().equals(HemorrhageCodes.HEMORRHAGE) && HemorrhageCodes.names(coding.code());
            case LOINC, YES_NO, INTERPRETATION, UNKNOWN -> false;
        };
    }

    private static @Nullable Boolean answer(Coding coding) {
        boolean number = coding.code().chars().allMatch(Character::isDigit);
        return switch (coding.system()) {
            case SNOMED_CT -> number ? HemorrhageCodes.answer(coding.code()) : null;
            case YES_NO -> yesOrNo(coding.code());
            case INTERPRETATION -> coding.code().length() == 3 ? HemorrhageCodes.answer(coding.code()) : null;
            case ICD10, LOINC, UNKNOWN -> null;
        };
    }

    private static @Nullable Boolean yesOrNo(String code) {
        return code.length() == 1 ? HemorrhageCodes.answer(code) : null;
    }
}
