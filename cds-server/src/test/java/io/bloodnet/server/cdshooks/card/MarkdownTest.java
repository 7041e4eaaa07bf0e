package io.bloodnet.server.cdshooks.card;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Text from outside stays text. */
class MarkdownTest {

    @Test
    void escapes_every_punctuation() {
        assertThat(Markdown.text("[x](http://a.b) <img src=x> **b** `c` | ~", 100))
                .isEqualTo("\\[x\\]\\(http\\:\\/\\/a\\.b\\) \\<img src\\=x\\> \\*\\*b\\*\\* \\`c\\` \\| \\~");
    }

    @Test
    void keeps_it_on_one_line_within_the_limit() {
        assertThat(Markdown.text("a\r\nb\u2028c\td", 100)).isEqualTo("a  b c d");
        assertThat(Markdown.text("x".repeat(200), 10)).isEqualTo("x".repeat(10) + "…");
        assertThat(Markdown.text("\uD83E\uDE78".repeat(20), 10)).isEqualTo("\uD83E\uDE78".repeat(10) + "…");
    }

    @Test
    void links_nothing_and_hides_nothing() {
        assertThat(Markdown.text("www.evil.example me@evil.example", 100))
                .isEqualTo("www\\.evil\\.example me(at)evil\\.example");
        assertThat(Markdown.text("a\u202Eb\u200Bc\uD800d", 100)).isEqualTo("a\uFFFDb\uFFFDc\uFFFDd");
    }
}
