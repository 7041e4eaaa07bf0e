package io.bloodnet.server.cdshooks.drug;

/**
 * An antithrombotic drug that was recognized in an order.
 *
 * @param ingredient its name in our table
 * @param drugClass what kind it is
 * @param basis what it was recognized by
 */
public record DrugMatch(String ingredient, DrugClass drugClass, Basis basis) {

    /** What it was recognized by, best first; the card says so. */
    public enum Basis {
        /** A code that was seen in a published code list. */
        VERIFIED_CODE("by its code"),
        /** A code that we could not check against a published list. */
        UNVERIFIED_CODE("by a code that is not verified"),
        /** The drug's ATC group. */
        ATC_GROUP("by its ATC group"),
        /** The text alone. */
        TEXT("by its text alone, as no code was known");

        private final String sentence;

        Basis(String sentence) {
            this.sentence = sentence;
        }

        public String sentence() {
            return sentence;
        }
    }
}
