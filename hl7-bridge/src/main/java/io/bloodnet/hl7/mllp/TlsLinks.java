package io.bloodnet.hl7.mllp;

import io.bloodnet.imaging.peer.Sha256;
import io.bloodnet.imaging.peer.TlsFiles;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Puts TLS 1.2 or 1.3 with certificates on both sides around a connected socket. Safe for all threads. */
final class TlsLinks {

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private final SSLContext context;

    private TlsLinks(SSLContext context) {
        this.context = context;
    }

    /** @throws IllegalArgumentException naming the file that cannot be read */
    static TlsLinks of(TlsFiles files) {
        return new TlsLinks(files.context());
    }

    /** The listener's side; the handshake is still to be done. */
    SSLSocket server(Socket socket) throws IOException {
        SSLSocket tls = around(socket, socket.getInetAddress().getHostAddress());
        tls.setUseClientMode(false);
        tls.setNeedClientAuth(true);
        return tls;
    }

    /** The sender's side, with the server's name checked; the handshake is still to be done. */
    SSLSocket client(Socket socket, String host) throws IOException {
        SSLSocket tls = around(socket, host);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        tls.setSSLParameters(parameters);
        tls.setUseClientMode(true);
        return tls;
    }

    /**
     * Who it is, after the handshake.
     *
     * @throws SSLException when its certificate is too old or too new: PKIX does not look at the dates of one that is trusted itself
     */
    static Peer peer(SSLSocket tls) throws IOException {
        try {
            X509Certificate leaf = (X509Certificate) tls.getSession().getPeerCertificates()[0];
            leaf.checkValidity();
            return new Peer(
                    tls.getInetAddress().getHostAddress(),
                    List.of(
                            Sha256.hex(leaf.getEncoded()),
                            leaf.getSubjectX500Principal().getName()));
        } catch (GeneralSecurityException e) {
            throw new SSLException("the peer's certificate is not valid now", e);
        }
    }

    private SSLSocket around(Socket socket, String host) throws IOException {
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, host, socket.getPort(), true);
        tls.setEnabledProtocols(PROTOCOLS);
        return tls;
    }
}
