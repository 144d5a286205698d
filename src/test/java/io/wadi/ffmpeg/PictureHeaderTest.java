package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

import javax.imageio.ImageIO;

class PictureHeaderTest {
    /** A picture as another program writes it. */
    static byte[] picture(String format, int width, int height) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
            assertThat(ImageIO.write(image, format, out)).isTrue();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    @ParameterizedTest
    @CsvSource({"png, PNG, 320, 96", "jpg, JPEG, 321, 97", "gif, GIF, 19, 300", "png, PNG, 1, 1"})
    void readsWhatOthersWrite(String format, PictureHeader.Format is, int width, int height) {
        assertThat(PictureHeader.of(picture(format, width, height)))
                .contains(new PictureHeader(is, width, height));
    }

    /** RFC 9649 §2.5 (VP8 : 300x200), §2.6 (VP8L: 300x200) and §2.7 (VP8X: 8192x100). */
    @ParameterizedTest
    @CsvSource({
        "56503820 18000000 000000 9d012a 2c01 c800, 300, 200",
        "5650384c 18000000 2f 2bc13100 0000000000, 300, 200",
        "56503858 0a000000 00000000 ff1f00 630000, 8192, 100",
    })
    void readsWebp(String chunk, int width, int height) {
        byte[] file =
                HexFormat.of().parseHex(("52494646 ff000000 57454250" + chunk).replace(" ", ""));
        assertThat(PictureHeader.of(Arrays.copyOf(file, 40)))
                .contains(new PictureHeader(PictureHeader.Format.WEBP, width, height));
    }

    @Test
    void findsTheSizeBehindLongSegmentsOfAJpeg() {
        byte[] plain = picture("jpg", 64, 48);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(plain, 0, 2);
        for (int i = 0; i < 5; i++) {
            out.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xE1, (byte) 0xFF, (byte) 0xFF});
            out.writeBytes(new byte[0xFFFF - 2]);
        }
        out.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xFF}); // fill bytes
        out.write(plain, 2, plain.length - 2);
        assertThat(PictureHeader.of(out.toByteArray()))
                .contains(new PictureHeader(PictureHeader.Format.JPEG, 64, 48));
    }

    @ParameterizedTest
    @CsvSource({
        "8192, 8192, true",
        "8193, 1, false",
        "1, 8193, false",
        "0, 4, false",
        "4, 0, false"
    })
    void boundsTheSize(int width, int height, boolean taken) {
        byte[] png = picture("png", 2, 2);
        java.nio.ByteBuffer.wrap(png).putInt(16, width).putInt(20, height);
        assertThat(PictureHeader.of(png).isPresent()).isEqualTo(taken);
    }

    @Test
    void takesNothingElse() {
        byte[] huge = picture("png", 2, 2);
        java.nio.ByteBuffer.wrap(huge).putInt(16, 0x80000001);
        assertThat(PictureHeader.of(huge)).isEmpty();
        for (String text :
                new String[] {
                    "", "GIF89a", "RIFF", "\u0089PNG", "<svg width='10'/>", "#EXTM3U", "ffconcat"
                }) {
            assertThat(PictureHeader.of(text.getBytes(StandardCharsets.ISO_8859_1))).isEmpty();
        }
    }

    @Property(tries = 2000)
    void anyBytesAreAnswered(@ForAll long seed, @ForAll boolean cut) {
        Random random = new Random(seed);
        String format = new String[] {"png", "jpg", "gif"}[random.nextInt(3)];
        byte[] file = picture(format, 5, 5);
        if (cut) {
            file = Arrays.copyOf(file, random.nextInt(file.length));
        }
        for (int i = 0; i < 3 && file.length > 0; i++) {
            file[random.nextInt(file.length)] = (byte) random.nextInt();
        }
        PictureHeader.of(file)
                .ifPresent(
                        header -> {
                            assertThat(header.width()).isBetween(1, PictureHeader.MAX_SIDE);
                            assertThat(header.height()).isBetween(1, PictureHeader.MAX_SIDE);
                        });
    }
}
