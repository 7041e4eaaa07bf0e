package io.bloodnet.imaging.evaluate;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Two plots as SVG, both with axes from 0 to 1. */
final class Plots {

    private static final int SIDE = 400;
    private static final int MARGIN = 60;

    private Plots() {}

    static String roc(List<Discrimination.RocPoint> points, double auc) {
        String line = points.stream()
                .map(p -> at(p.falsePositiveRate(), p.sensitivity()))
                .collect(Collectors.joining(" "));
        return plot(
                String.format(Locale.ROOT, "ROC, area %.3f", auc),
                "1 - specificity",
                "sensitivity",
                "<polyline fill='none' stroke='#0a58a8' stroke-width='2' points='" + line + "'/>");
    }

    /** @param bins mean probability, part with hemorrhage, number of studies */
    static String calibration(List<double[]> bins) {
        StringBuilder dots = new StringBuilder();
        for (double[] bin : bins) {
            String[] xy = at(bin[0], bin[1]).split(",");
            dots.append(String.format(
                    Locale.ROOT,
                    "<circle cx='%s' cy='%s' r='%.1f' fill='#0a58a8'/>",
                    xy[0],
                    xy[1],
                    3 + Math.sqrt(bin[2])));
        }
        return plot(
                "Calibration, dots by number of studies", "probability told", "part with hemorrhage", dots.toString());
    }

    private static String plot(String title, String x, String y, String content) {
        int all = SIDE + 2 * MARGIN;
        return """
                <svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %1$d %1$d' font-family='sans-serif' font-size='14'>
                <rect width='%1$d' height='%1$d' fill='white'/>
                <rect x='%2$d' y='%2$d' width='%3$d' height='%3$d' fill='none' stroke='#444'/>
                <polyline points='%4$s %5$s' stroke='#999' stroke-dasharray='4'/>
                %6$s
                <text x='%7$d' y='%8$d' text-anchor='middle'>%9$s</text>
                <text x='%7$d' y='%10$d' text-anchor='middle'>%11$s (0 to 1)</text>
                <text transform='translate(%12$d %7$d) rotate(-90)' text-anchor='middle'>%13$s (0 to 1)</text>
                </svg>
                """.formatted(
                        all,
                        MARGIN,
                        SIDE,
                        at(0, 0),
                        at(1, 1),
                        content,
                        all / 2,
                        MARGIN / 2,
                        title,
                        all - MARGIN / 3,
                        x,
                        MARGIN / 2,
                        y);
    }

    private static String at(double x, double y) {
        return String.format(Locale.ROOT, "%.1f,%.1f", MARGIN + x * SIDE, MARGIN + (1 - y) * SIDE);
    }
}
