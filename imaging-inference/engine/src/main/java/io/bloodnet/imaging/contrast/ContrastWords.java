package io.bloodnet.imaging.contrast;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads descriptions as people write them: word by word, with what is denied and what is announced, so that WITHOUT CONTRAST, C-, SENZA MDC
 * and NON-ENHANCED say none, WITH, C+, NACH KM and a venogram say given, and WITHOUT AND WITH says both.
 */
public final class ContrastWords {

    private static final int CHARACTERS_MAX = 1_000;

    private static final Pattern MARKS = Pattern.compile("\\p{M}+");

    /** What is not written as a word: the sign, and the word that stands for it. Applied in this order, on upper case. */
    private static final List<Sign> SIGNS = List.of(
            sign("\\bM\\.\\s?D\\.\\s?C\\.?", " MDC "),
            sign("\\bK\\.\\s?M\\.?", " KM "),
            sign("\\bI\\.\\s?V\\.?", " IV "),
            sign("\\bE\\.\\s?V\\.?(?=\\W|$)", " EV "),
            sign("\\bN\\s?/\\s?A\\b", " NA "),
            sign("\\bW\\s?[/\\\\]\\s?O(?:UT)?\\b", " WITHOUT "),
            sign("\\bS\\s?/\\s?C\\b", " SIN CONTRAST "),
            sign("\\bC\\s?/\\s?C\\b", " CON CONTRAST "),
            sign("\\bS\\s?/\\s?(?=\\w)", " SIN "),
            sign("\\bC\\s?/\\s?(?=\\w)", " CON "),
            sign("\\bW\\s?/", " WITH "),
            sign("\\b(?:C|IV|KM|CE|MDC|KONTRAST|CONTRAST)\\s?\\+\\s?/?\\s?-", " WITHOUT AND WITH CONTRAST "),
            sign("\\b(?:C|IV|KM|CE|MDC|KONTRAST|CONTRAST)\\s?-\\s?/?\\s?\\+", " WITHOUT AND WITH CONTRAST "),
            sign("(?<=^|\\W)\\+\\s?/\\s?-\\s?(?=(?:C|IV|KM|CE|MDC|CONTRAST)\\b)", " WITHOUT AND WITH "),
            sign("\\b(?:C|IV|KM|CE|MDC)\\s?\\+", " WITH CONTRAST "),
            sign("(?<=^|\\W)\\+\\s?(?:C|IV|KM|CE|MDC)\\b(?!-\\w)", " WITH CONTRAST "),
            sign("\\b(?:C|IV|KM|CE|MDC)-(?=\\W|$)", " WITHOUT CONTRAST "),
            sign("(?<=^|[\\s(])-(?:C|IV|KM|CE|MDC)\\b", " WITHOUT CONTRAST "),
            sign("\\+\\s*\\)?\\s*$", " WITH "),
            sign("\\+", " + "),
            sign("&", " & "),
            sign("/", " / "));

    private static final Pattern NO_WORD = Pattern.compile("[^A-Z0-9&+/]+");

    private ContrastWords() {}

    private record Sign(Pattern written, String read) {}

    private static Sign sign(String written, String read) {
        return new Sign(Pattern.compile(written), read);
    }

    /** What a description of a series, protocol or study says; a word that is not known says nothing. */
    public static Says of(@Nullable String text) {
        return text == null ? Says.SILENT : new Reading(words(text)).says();
    }

    /** Upper case, without accents, signs as words. */
    static List<String> words(String text) {
        String upper = text.substring(0, Math.min(text.length(), CHARACTERS_MAX))
                .replace('\u0131', 'i')
                .replace('_', ' ')
                .replace('^', ' ')
                .toUpperCase(Locale.ROOT)
                .replace('\u0141', 'L')
                .replace('\u00D8', 'O')
                .replace("\u00C6", "AE");
        String plain =
                MARKS.matcher(Normalizer.normalize(upper, Normalizer.Form.NFD)).replaceAll("");
        for (Sign sign : SIGNS) {
            plain = sign.written().matcher(plain).replaceAll(Matcher.quoteReplacement(sign.read()));
        }
        List<String> words = new ArrayList<>();
        for (String word : NO_WORD.split(plain)) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }

    /** One pass over the words of one text. */
    private static final class Reading {

        private final List<String> words;
        private boolean none;
        private boolean given;

        Reading(List<String> words) {
            this.words = words;
        }

        Says says() {
            int at = 0;
            while (at < words.size()) {
                at = next(at);
            }
            return Says.of(none, given);
        }

        private String word(int at) {
            return at < words.size() ? words.get(at) : "";
        }

        /** Whether only words of a series' make-up follow, or none. */
        private boolean endsAt(int at) {
            return at >= words.size() || Vocabulary.isTechnical(word(at));
        }

        private int next(int at) {
            String word = word(at);
            if (Vocabulary.isNone(word)) {
                none = true;
                return at + 1;
            }
            if (Vocabulary.denies(word)) {
                return denied(at);
            }
            if (Vocabulary.isAfter(word)) {
                return after(at);
            }
            if (Vocabulary.announces(word)) {
                return announced(at);
            }
            if (Vocabulary.isGiven(word) && !(at > 0 && Vocabulary.isOtherBefore(word(at - 1)))) {
                given |= !(word.equals("IV") && word(at + 1).startsWith("VENTR"));
            }
            return at + 1;
        }

        /** "without", and what it denies: "without i.v. contrast", "sans injection de produit de contraste", "without and with". */
        private int denied(int at) {
            int end = at + 1;
            int medium = -1;
            while (Vocabulary.isFiller(word(end)) || isMedium(end)) {
                medium = isMedium(end) ? end : medium;
                end++;
            }
            if (medium >= 0 || Vocabulary.isNone(word(end))) {
                none = true;
                return medium >= 0 ? medium + 1 : end + 1;
            }
            boolean pair = Vocabulary.joins(word(at + 1)) && leads(at + 2) || leads(at + 1);
            none |= pair || Vocabulary.deniesAlone(word(at)) && endsAt(at + 1);
            return at + 1;
        }

        private boolean isMedium(int at) {
            // "IV" is both how it is given and short for it; "C" and "CON" stand for contrast only behind such words.
            return Vocabulary.isMedium(word(at)) || word(at).equals("CON") && endsAt(at + 1);
        }

        /** Whether a word of the opposite kind stands here: the second half of "without and with". */
        private boolean leads(int at) {
            String word = word(at);
            return (Vocabulary.announces(word) || Vocabulary.isAfter(word) || Vocabulary.denies(word))
                    && reachesMedium(at);
        }

        private boolean reachesMedium(int at) {
            int end = at + 1;
            while (Vocabulary.isFiller(word(end))
                    || Vocabulary.joins(word(end))
                    || Vocabulary.denies(word(end))
                    || Vocabulary.announces(word(end))) {
                if (isMedium(end)) {
                    return true;
                }
                end++;
            }
            return isMedium(end) || end >= words.size() && Vocabulary.announcesAlone(word(at));
        }

        private int announced(int at) {
            if (word(at).equals("CON") && endsAt(at + 1) || Vocabulary.announcesAlone(word(at)) && endsAt(at + 1)) {
                given = true;
                return at + 1;
            }
            return follows(at);
        }

        private int after(int at) {
            String following = word(at + 1);
            boolean other = Vocabulary.isOtherAfter(following);
            if (word(at).equals("POST") && !other && !Vocabulary.joins(following)) {
                given = true;
                return at + 1;
            }
            return other ? at + 2 : follows(at);
        }

        /** With or after: what follows is given, over fillers and the other half of a pair. */
        private int follows(int at) {
            int end = at + 1;
            while (Vocabulary.isFiller(word(end)) && !isMedium(end)) {
                end++;
            }
            if (isMedium(end)) {
                given = true;
                return end + 1;
            }
            boolean pair =
                    Vocabulary.joins(word(at + 1)) && leads(at + 2) || Vocabulary.denies(word(at + 1)) && leads(at + 1);
            given |= pair;
            return at + 1;
        }
    }
}
