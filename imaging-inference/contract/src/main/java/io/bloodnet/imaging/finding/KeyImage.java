package io.bloodnet.imaging.finding;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * A slice as a person looks at it: brain window (level 40, width 80) with the mask's outline in red and the patient's sides in letters,
 * as a PNG. The patient's right is on the left of the picture.
 */
public final class KeyImage {

    /** Most bytes of the PNG: it travels inside reports. */
    public static final int BYTES_MAX = 300_000;

    private static final int WINDOW_LOW_HU = 0;
    private static final int WINDOW_WIDTH_HU = 80;
    private static final int GREYS = 255;
    private static final int OUTLINE = 255;

    private static final String[] RIGHT = {"#### ", "#   #", "#   #", "#### ", "# #  ", "#  # ", "#   #"};
    private static final String[] LEFT = {"#    ", "#    ", "#    ", "#    ", "#    ", "#    ", "#####"};
    private static final int GLYPH_COLUMNS = 5;

    /** Distance of a letter from the picture's edge, pixels. */
    private static final int MARGIN = 6;

    /** Width of a picture for each pixel of a letter's stroke. */
    private static final int GLYPH_SCALE_WIDTH = 170;

    private KeyImage() {}

    /**
     * Draws one slice.
     *
     * @param hu {@code rows x columns} values, row by row; columns run from the patient's right to left
     * @param mask bits as in {@link Mask.Frame}; null for none
     * @return a PNG of at most {@link #BYTES_MAX} bytes; halved in size as often as that takes
     */
    public static byte[] png(short[] hu, int rows, int columns, byte @Nullable [] mask) {
        byte[] png = encode(draw(hu, rows, columns, mask, 1));
        for (int step = 2; png.length > BYTES_MAX; step *= 2) {
            png = encode(draw(hu, rows, columns, mask, step));
        }
        return png;
    }

    private static BufferedImage draw(short[] hu, int rows, int columns, byte @Nullable [] mask, int step) {
        int height = Math.ceilDiv(rows, step);
        int width = Math.ceilDiv(columns, step);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, palette());
        byte[] pixels = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = y * step * columns + x * step;
                boolean edge = mask != null && isOutline(mask, rows, columns, y * step, x * step, step);
                pixels[y * width + x] = (byte) (edge ? OUTLINE : grey(hu[at]));
            }
        }
        letter(pixels, width, height, RIGHT, MARGIN);
        letter(pixels, width, height, LEFT, width - MARGIN - GLYPH_COLUMNS * scale(width));
        return image;
    }

    /** Halfway down, so that a viewer that cuts corners off does not cut it off; drawn here, since servers may have no fonts. */
    private static void letter(byte[] pixels, int width, int height, String[] glyph, int x0) {
        int scale = scale(width);
        int y0 = (height - glyph.length * scale) / 2;
        for (int y = 0; y < glyph.length * scale; y++) {
            for (int x = 0; x < GLYPH_COLUMNS * scale; x++) {
                boolean inside = y0 + y >= 0 && y0 + y < height && x0 + x >= 0 && x0 + x < width;
                if (inside && glyph[y / scale].charAt(x / scale) == '#') {
                    pixels[(y0 + y) * width + x0 + x] = (byte) (GREYS - 1);
                }
            }
        }
    }

    private static int scale(int width) {
        return Math.max(1, width / GLYPH_SCALE_WIDTH);
    }

    private static int grey(short hu) {
        return Math.clamp((hu - WINDOW_LOW_HU) * (GREYS - 1) / WINDOW_WIDTH_HU, 0, GREYS - 1);
    }

    /** Just outside the mask, so that no pixel of the finding itself is hidden. */
    private static boolean isOutline(byte[] mask, int rows, int columns, int y, int x, int step) {
        return !inside(mask, rows, columns, y, x)
                && (inside(mask, rows, columns, y - step, x)
                        || inside(mask, rows, columns, y + step, x)
                        || inside(mask, rows, columns, y, x - step)
                        || inside(mask, rows, columns, y, x + step));
    }

    private static boolean inside(byte[] mask, int rows, int columns, int y, int x) {
        return y >= 0 && y < rows && x >= 0 && x < columns && Mask.isSet(mask, y * columns + x);
    }

    /** One byte a pixel keeps the PNG small: 255 greys and the outline's red. */
    private static IndexColorModel palette() {
        byte[] red = new byte[256];
        byte[] green = new byte[256];
        byte[] blue = new byte[256];
        for (int i = 0; i < GREYS; i++) {
            red[i] = green[i] = blue[i] = (byte) (i * 255 / (GREYS - 1));
        }
        red[OUTLINE] = (byte) 255;
        green[OUTLINE] = 40;
        blue[OUTLINE] = 40;
        return new IndexColorModel(8, 256, red, green, blue);
    }

    private static byte[] encode(BufferedImage image) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing a PNG to memory", e);
        }
        return out.toByteArray();
    }
}
