package io.bloodnet.server.cdshooks.drug;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds drugs by their names in the text of an order. Words are compared without case, accents and what joins them, so that
 * {@code Heparin-Natrium}, {@code heparin natrium} and {@code Héparine} are read alike; a German salt may be written onto the name
 * ({@code Heparinnatrium}). Built once, then only read.
 */
final class DrugNames {

    private static final Pattern MARKS = Pattern.compile("\\p{M}+");
    private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}\\p{N}]+");
    private static final Set<String> SALTS = Set.of(
            "natrium",
            "kalium",
            "kalzium",
            "calcium",
            "besilat",
            "besylat",
            "hydrochlorid",
            "hydrogensulfat",
            "etexilat",
            "etexilatmesilat",
            "mesilat",
            "tosilat");
    /** What takes the effect of a drug away is often ordered under that drug's name: it must not be warned of. */
    private static final Set<String> ANTIDOTES = Set.of(
            "protamin",
            "protamine",
            "protamina",
            "idarucizumab",
            "praxbind",
            "andexanet",
            "andexxa",
            "ondexxya",
            "antidot",
            "antidote");

    private final Map<String, List<Name>> byFirstWord = new HashMap<>();
    private final Map<String, String> all = new LinkedHashMap<>();

    private record Name(List<String> words, DrugTable.Row row) {}

    /** Adds a name of one or more words. */
    void add(String name, DrugTable.Row row) {
        List<String> words = words(name);
        byFirstWord.computeIfAbsent(words.getFirst(), _ -> new ArrayList<>()).add(new Name(words, row));
        all.put(name, row.ingredient());
    }

    /** Every name with its drug. */
    Map<String, String> all() {
        return Map.copyOf(all);
    }

    /** The first drug that the text names. */
    Optional<DrugTable.Row> in(String text) {
        List<String> words = words(text);
        if (words.stream().anyMatch(ANTIDOTES::contains)) {
            return Optional.empty();
        }
        for (int i = 0; i < words.size(); i++) {
            boolean mesalazine =
                    words.get(i).equals("asa") && i > 0 && words.get(i - 1).equals("5");
            Optional<DrugTable.Row> row = mesalazine ? Optional.empty() : at(words, i);
            if (row.isPresent()) {
                return row;
            }
        }
        return Optional.empty();
    }

    private Optional<DrugTable.Row> at(List<String> words, int i) {
        String word = words.get(i);
        List<String> rest = words.subList(i, words.size());
        for (Name name : byFirstWord.getOrDefault(word, List.of())) {
            if (rest.size() >= name.words().size()
                    && rest.subList(0, name.words().size()).equals(name.words())) {
                return Optional.of(name.row());
            }
        }
        return SALTS.stream()
                .filter(salt -> word.length() > salt.length() && word.endsWith(salt))
                .map(salt -> word.substring(0, word.length() - salt.length()))
                .flatMap(bare -> byFirstWord.getOrDefault(bare, List.of()).stream())
                .filter(name -> name.words().size() == 1)
                .map(Name::row)
                .findFirst();
    }

    private static List<String> words(String text) {
        String spelled = text.toLowerCase(Locale.ROOT).replace("ß", "ss");
        String plain = MARKS.matcher(Normalizer.normalize(spelled, Normalizer.Form.NFKD))
                .replaceAll("");
        return Arrays.stream(NO_WORD.split(plain))
                .filter(word -> !word.isEmpty())
                .toList();
    }
}
