package io.bloodnet.audit.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignedNoteTest {

    private static final String ORIGIN = "bloodnet-cds/audit/test";
    private final SigningKey key = SigningKey.generate();
    private final Checkpoint checkpoint = new Checkpoint(ORIGIN, 640, TreeHasher.emptyRoot());

    @Test
    void derives_key_ids_as_the_go_note_package_does() {
        // The verifier key of that package's own tests: name+id+base64(type || key).
        byte[] typed = Base64.getDecoder().decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        Hash raw = Hash.of(Arrays.copyOfRange(typed, 1, typed.length));
        assertThat(HexFormat.of().toHexDigits(SignatureKind.LOG.keyId("PeterNeumann", raw)))
                .isEqualTo("c74f20a3");
    }

    @Test
    void derives_the_public_key_of_rfc_8032_test_1() {
        byte[] seed = HexFormat.of().parseHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        assertThat(SigningKey.ofSeed(seed).publicKey().hex())
                .isEqualTo("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    }

    @Test
    void signed_checkpoint_reads_back_and_verifies_with_its_key_only() {
        SignedNote note = SignedNote.parse(key.sign(checkpoint).format());
        assertThat(Checkpoint.parse(note.text())).isEqualTo(checkpoint);
        assertThat(key.publicKeys().signed(note, ORIGIN)).isTrue();
        assertThat(SigningKey.generate().publicKeys().signed(note, ORIGIN)).isFalse();
        SignedNote other = new SignedNote(note.text().replace("640", "641"), note.signatures());
        assertThat(key.publicKeys().signed(other, ORIGIN)).isFalse();
    }

    @Test
    void keys_survive_their_files() {
        SigningKey read = SigningKey.parsePem(key.pem());
        assertThat(read.publicKey()).isEqualTo(key.publicKey());
        assertThat(PublicKeys.parsePem(PublicKeys.pem(key.publicKey())
                                + PublicKeys.pem(SigningKey.generate().publicKey()))
                        .raw())
                .hasSize(2)
                .startsWith(key.publicKey());
    }

    @Test
    void cosignature_is_no_log_signature_and_holds_for_its_witness_only() {
        SigningKey witness = SigningKey.generate();
        SignedNote note = key.sign(checkpoint)
                .with(witness.cosign("witness.example", checkpoint.text(), Instant.ofEpochSecond(1_800_000_000)));
        SignedNote read = SignedNote.parse(note.format());
        assertThat(witness.publicKeys().cosigned(read, "witness.example")).isTrue();
        assertThat(witness.publicKeys().signed(read, "witness.example")).isFalse();
        assertThat(key.publicKeys().cosigned(read, "witness.example")).isFalse();
        assertThat(key.publicKeys().signed(read, ORIGIN)).isTrue();
    }

    @Test
    void refuses_what_is_not_a_signed_checkpoint() {
        String good = key.sign(checkpoint).format();
        for (String bad : List.of(
                "",
                "\n\n",
                good.substring(0, good.length() - 1),
                good.replace("\u2014", "-"),
                good.replace("\n\n", "\n"),
                checkpoint.text(),
                checkpoint.text() + "\n\u2014 name\n",
                checkpoint.text() + "\n\u2014 na me AAAA\n")) {
            assertThatExceptionOfType(MalformedNoteException.class).as(bad).isThrownBy(() -> SignedNote.parse(bad));
        }
        String root = checkpoint.root().base64();
        for (String bad : List.of(
                "o\n-1\n" + root + "\n", "o\n01\n" + root + "\n", "o\n1\nAAAA\n", "o o\n1\n" + root + "\n", "o\n1\n")) {
            assertThatExceptionOfType(MalformedNoteException.class).as(bad).isThrownBy(() -> Checkpoint.parse(bad));
        }
    }
}
