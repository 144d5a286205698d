package kit;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A line for each name over the number of viewers, as SVG. */
final class Plot {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 360;
    private static final int LEFT = 60;
    private static final int BOTTOM = 310;
    private static final int TOP = 30;
    private static final int RIGHT = 460;
    private static final List<String> COLOURS = List.of("#2563eb", "#16a34a", "#d97706", "#6b7280");

    private Plot() {}

    static String svg(Map<String, Map<Integer, Double>> curves) {
        double highest =
                curves.values().stream()
                        .flatMap(curve -> curve.values().stream())
                        .mapToDouble(Double::doubleValue)
                        .max()
                        .orElse(1);
        double top = Math.ceil(highest * 2) / 2;
        int most =
                curves.values().stream()
                        .flatMap(curve -> curve.keySet().stream())
                        .mapToInt(Integer::intValue)
                        .max()
                        .orElse(1);
        StringBuilder out = new StringBuilder();
        out.append(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                        .formatted(WIDTH, HEIGHT));
        out.append(" font-family=\"sans-serif\" font-size=\"12\">\n");
        out.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        for (double y = 0; y <= top; y += top / 5) {
            out.append(line(LEFT, y(y, top), RIGHT, y(y, top), "#e5e7eb", 1));
            out.append(text(LEFT - 8, y(y, top) + 4, "end", "%.2f".formatted(y)));
        }
        for (int x : new int[] {0, 200, 500, 1000}) {
            out.append(text(x(x, most), BOTTOM + 18, "middle", Integer.toString(x)));
        }
        out.append(text((LEFT + RIGHT) / 2.0, BOTTOM + 38, "middle", "viewers of 2.15 Mbit/s"));
        out.append(text(LEFT, TOP - 12, "start", "CPU seconds per gigabyte delivered, one core"));
        int at = 0;
        for (Map.Entry<String, Map<Integer, Double>> curve : curves.entrySet()) {
            String colour = COLOURS.get(at % COLOURS.size());
            StringBuilder points = new StringBuilder();
            curve.getValue()
                    .forEach(
                            (count, cost) ->
                                    points.append(
                                            String.format(
                                                    Locale.ROOT,
                                                    "%.1f,%.1f ",
                                                    x(count, most),
                                                    y(cost, top))));
            out.append(
                    "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"%s\"/>\n"
                            .formatted(colour, points.toString().strip()));
            double y = TOP + 20.0 * at;
            out.append(line(RIGHT + 20, y, RIGHT + 40, y, colour, 2));
            out.append(text(RIGHT + 46, y + 4, "start", curve.getKey()));
            at++;
        }
        return out.append("</svg>\n").toString();
    }

    private static double x(double count, double most) {
        return LEFT + (RIGHT - LEFT) * count / most;
    }

    private static double y(double cost, double top) {
        return BOTTOM - (BOTTOM - TOP) * cost / top;
    }

    private static String line(
            double x1, double y1, double x2, double y2, String colour, int width) {
        return String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\""
                        + " stroke-width=\"%d\"/>\n",
                x1,
                y1,
                x2,
                y2,
                colour,
                width);
    }

    private static String text(double x, double y, String anchor, String words) {
        return String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
                x,
                y,
                anchor,
                words);
    }
}
