package io.bloodnet.imaging.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bloodnet.imaging.geometry.Grid;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ResamplerTest {

    private static final double FIELD_MM = 230.4;

    private static short[] image(int rows, int columns) {
        short[] image = new short[rows * columns];
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                image[y * columns + x] = (short) ((31 * y + 17 * x + y * x % 101) % 400 - 100);
            }
        }
        return image;
    }

    /** The training's own test reads the same numbers, which PyTorch's antialiased interpolation gave. */
    @Test
    void slices_are_resized_as_training_resizes_them() throws IOException {
        Path numbers = Path.of(System.getProperty("basedir", "."), "../training/tests/resampling.json");
        for (JsonNode size : new ObjectMapper().readTree(numbers.toFile()).get("sizes")) {
            int rows = size.get("rows").asInt();
            int columns = size.get("columns").asInt();
            Grid grid = new Grid(rows, columns, FIELD_MM / rows, FIELD_MM / columns);
            short[] sized = new Resampler(grid, Field.around(grid)).apply(image(rows, columns));
            for (JsonNode value : size.get("values")) {
                int at = value.get(0).asInt() * HeadVolume.SIDE + value.get(1).asInt();
                // HU are whole numbers here and none in training.
                assertThat((double) sized[at]).isCloseTo(value.get(2).asDouble(), offset(0.51));
            }
        }
    }

    @Test
    void fields_of_other_sizes_show_heads_as_large_as_in_training() {
        for (double mm : new double[] {200, 215, 240, 250, 256, 300, 500}) {
            Grid grid = new Grid(512, 512, mm / 512, mm / 512);
            assertThat(Field.around(grid).pixelMm()).isEqualTo(FIELD_MM / 512);
            assertThat(Field.isPart(grid)).isEqualTo(mm > FIELD_MM);
        }
        Grid usual = new Grid(512, 512, 0.45, 0.45);
        assertThat(Field.around(usual).isSlice(usual)).isTrue();
    }
}
