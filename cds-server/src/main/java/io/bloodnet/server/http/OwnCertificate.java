package io.bloodnet.server.http;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Trusts the server's own certificate and no other, for commands that ask the server on this machine, whatever name it is issued for. */
public final class OwnCertificate extends X509ExtendedTrustManager {

    private final X509Certificate own;

    private OwnCertificate(X509Certificate own) {
        this.own = own;
    }

    /** For connections to a server with these files. @throws ServerCertificate.BadCertificateException when they cannot be used */
    public static SSLContext trusted(CertificateKeys keys) throws ServerCertificate.BadCertificateException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            OwnCertificate own = new OwnCertificate(new ServerCertificate(keys).certificate());
            context.init(null, new TrustManager[] {own}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    private void check(X509Certificate[] chain) throws CertificateException {
        if (chain.length == 0 || !chain[0].equals(own)) {
            throw new CertificateException("not the certificate of http.tls");
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("this is a client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw new CertificateException("this is a client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        throw new CertificateException("this is a client");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
