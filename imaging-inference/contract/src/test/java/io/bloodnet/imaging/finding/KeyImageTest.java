package io.bloodnet.imaging.finding;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyImageTest {

    private static final int WHITE = 0xFFFFFF;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_patients_right_is_marked_on_the_left_and_the_left_on_the_right(boolean large) throws IOException {
        short[] hu = new short[512 * 512];
        if (large) {
            // Noise that does not fit into the limit of bytes: the picture is halved.
            Random noise = new Random(3);
            for (int i = 0; i < hu.length; i++) {
                hu[i] = (short) noise.nextInt(40);
            }
        }
        byte[] png = KeyImage.png(hu, 512, 512, null);
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));

        // R has a stroke at its top right, L has none; both have one on the left.
        assertThat(strokes(image, 0, 40)).as("R").isGreaterThan(strokes(image, image.getWidth() - 40, 40) * 3 / 2);
        assertThat(strokes(image, image.getWidth() - 40, 40)).as("L").isPositive();
        assertThat(png.length).isLessThanOrEqualTo(KeyImage.BYTES_MAX);
    }

    private static int strokes(BufferedImage image, int from, int width) {
        int white = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = from; x < from + width; x++) {
                white += (image.getRGB(x, y) & 0xFFFFFF) == WHITE ? 1 : 0;
            }
        }
        return white;
    }
}
