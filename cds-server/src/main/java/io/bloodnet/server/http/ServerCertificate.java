package io.bloodnet.server.http;

import io.bloodnet.imaging.peer.Sha256;
import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.tls.Tls;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The web server's certificate, read again when its files change: connections that are open go on with the old one. A pair that does not
 * fit together, as between the writing of two files, is left alone until it does. Safe for all threads.
 */
public final class ServerCertificate {

    private static final Logger LOG = LoggerFactory.getLogger(ServerCertificate.class);

    /** A certificate chain and a key stay far below. */
    private static final int BYTES_MAX = 1 << 20;

    private final CertificateKeys keys;
    /** Guarded by this: what was read last. */
    private Read read;

    private record Read(String digest, Pair pair) {}

    private record Pair(PrivateKey key, List<X509Certificate> chain) {}

    /** The files hold nothing that can be used; the message names the key of the configuration. */
    public static final class BadCertificateException extends Exception {
        private final String sentence;

        BadCertificateException(String sentence) {
            super(sentence);
            this.sentence = sentence;
        }

        /** What is wrong with the files, for the person who starts the server. */
        public String sentence() {
            return sentence;
        }
    }

    /** Reads the files. @throws BadCertificateException when they hold no certificate with its key */
    public ServerCertificate(CertificateKeys keys) throws BadCertificateException {
        if (!keys.isPem() && !keys.isKeyStore()) {
            throw new BadCertificateException(
                    "http.tls needs certificate-file and private-key-file, or key-store and key-store-password-file");
        }
        this.keys = keys;
        this.read = read();
    }

    /** For the web server's start. */
    public synchronized Tls tls() {
        return tls(read.pair());
    }

    /** Our certificate, as it was read last. */
    synchronized X509Certificate certificate() {
        return read.pair().chain().getFirst();
    }

    /** Until when it is valid. */
    public Instant notAfter() {
        return certificate().getNotAfter().toInstant();
    }

    /** Has the web server use what is in the files now, where that is something else than before. */
    public synchronized void renew(WebServer web) {
        try {
            if (digest().equals(read.digest())) {
                return;
            }
            Read now = read();
            web.reloadTls(tls(now.pair()));
            read = now;
            Instant until = now.pair().chain().getFirst().getNotAfter().toInstant();
            LOG.info("the certificate of http.tls was renewed, valid until {}", until);
        } catch (BadCertificateException | IOException e) {
            LOG.warn("the certificate of http.tls cannot be renewed ({}), next: again in a while", e.getMessage());
        }
    }

    private static Tls tls(Pair pair) {
        return Tls.builder()
                .privateKey(pair.key())
                .privateKeyCertChain(pair.chain())
                .addEnabledProtocols(List.of("TLSv1.3", "TLSv1.2"))
                .build();
    }

    private Read read() throws BadCertificateException {
        String digest;
        Pair pair;
        try {
            digest = digest();
            pair = keys.isPem() ? pem() : keyStore();
        } catch (IOException e) {
            throw new BadCertificateException("a file of http.tls cannot be read, or has another password");
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new BadCertificateException("a file of http.tls holds no certificate or key");
        }
        if (!fits(pair.key(), pair.chain().getFirst())) {
            throw new BadCertificateException("the key of http.tls is not the certificate's");
        }
        return new Read(digest, pair);
    }

    private Pair pem() {
        Keys read = Keys.builder()
                .pem(pem -> pem.key(Resource.create(path(keys.privateKeyFile())))
                        .certChain(Resource.create(path(keys.certificateFile()))))
                .build();
        return new Pair(read.privateKey().orElseThrow(), read.certChain());
    }

    /** The first key of the store, whatever its name. */
    private Pair keyStore() throws IOException, GeneralSecurityException {
        char[] password =
                Files.readString(path(keys.keyStorePasswordFile())).strip().toCharArray();
        KeyStore store = KeyStore.getInstance(path(keys.keyStore()).toFile(), password);
        for (String alias : Collections.list(store.aliases())) {
            if (store.getKey(alias, password) instanceof PrivateKey key) {
                List<X509Certificate> chain = new ArrayList<>();
                for (Certificate certificate : store.getCertificateChain(alias)) {
                    chain.add((X509Certificate) certificate);
                }
                return new Pair(key, chain);
            }
        }
        throw new KeyStoreException("no key");
    }

    private String digest() throws IOException {
        MessageDigest digest = Sha256.begin();
        for (String file : java.util.Arrays.asList(
                keys.certificateFile(), keys.privateKeyFile(), keys.keyStore(), keys.keyStorePasswordFile())) {
            if (file != null) {
                if (Files.size(path(file)) > BYTES_MAX) {
                    throw new IOException("a file of http.tls has more than " + BYTES_MAX + " bytes");
                }
                digest.update(Files.readAllBytes(path(file)));
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static Path path(@org.jspecify.annotations.Nullable String file) {
        return Path.of(java.util.Objects.requireNonNull(file));
    }

    private static boolean fits(PrivateKey key, X509Certificate certificate) {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> key.getAlgorithm();
        };
        byte[] words = {1, 2, 3};
        try {
            Signature sign = Signature.getInstance(algorithm);
            sign.initSign(key);
            sign.update(words);
            byte[] signature = sign.sign();
            Signature check = Signature.getInstance(algorithm);
            check.initVerify(certificate.getPublicKey());
            check.update(words);
            return check.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
