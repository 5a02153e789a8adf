import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Java's own TLS. Global settings (groups, schemes, tickets) are properties on its command line. */
final class Jsse extends Peer {
    private SSLContext context;
    private String contextKey;
    private Words server;

    public static void main(String[] arguments) throws Exception {
        for (String what : new String[] {"jdk.tls.disabledAlgorithms", "jdk.certpath.disabledAlgorithms", "jdk.tls.legacyAlgorithms"}) {
            Security.setProperty(what, "");
        }
        new Jsse().run(arguments);
    }

    @Override
    Iterable<String> suites() throws Exception {
        List<String> names = new ArrayList<>();
        for (String name : SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites()) {
            // The older suites have their older names.
            names.add(name.replaceFirst("^SSL_", "TLS_"));
        }
        return names;
    }

    private static String[] own(SSLContext context, List<String> suites) {
        List<String> supported = List.of(context.getSupportedSSLParameters().getCipherSuites());
        return suites.stream()
                .flatMap(name -> List.of(name, name.replaceFirst("^TLS_", "SSL_")).stream())
                .filter(supported::contains)
                .toArray(String[]::new);
    }

    private static SSLContext context(Words words) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (byte[] der : pem(words.get("ca"))) {
            trusted.setCertificateEntry("ca" + trusted.size(), factory.generateCertificate(new ByteArrayInputStream(der)));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        List<String> certs = words.list("cert");
        for (int place = 0; place < certs.size(); place++) {
            List<Certificate> chain = new ArrayList<>();
            for (byte[] der : pem(certs.get(place))) {
                chain.add(factory.generateCertificate(new ByteArrayInputStream(der)));
            }
            PrivateKey key = privateKey(words.list("key").get(place));
            own.setKeyEntry("own" + place, key, new char[0], chain.toArray(new Certificate[0]));
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    @Override
    void configure(Words words) throws Exception {
        server = words;
        if (words.has("group")) {
            // A client has the property on its command line.
            System.setProperty("jdk.tls.namedGroups", words.get("group"));
        }
        context = context(words);
    }

    @Override
    void serve(Socket plain) throws Exception {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, true);
        socket.setEnabledProtocols(versions(server));
        socket.setEnabledCipherSuites(own(context, server.list("suites")));
        if (server.has("client-auth")) {
            socket.setNeedClientAuth(true);
        }
        if (server.has("limit")) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setMaximumPacketSize(16_709);
            socket.setSSLParameters(parameters);
        }
        long begun = System.currentTimeMillis();
        socket.startHandshake();
        boolean resumed = socket.getSession().getCreationTime() < begun;
        if ("server".equals(server.get("renegotiate"))) {
            socket.getSession().invalidate();
            socket.startHandshake();
        }
        if ("server".equals(server.get("key-update"))) {
            socket.startHandshake();
        }
        echo(socket.getInputStream(), socket.getOutputStream());
        if ("server".equals(server.get("key-update"))) {
            // The client answers before its next data.
            System.out.println(new BufferedReader(new InputStreamReader(socket.getInputStream())).readLine());
        }
        report(socket, resumed);
        socket.close();
    }

    private static String[] versions(Words words) {
        switch (words.get("tls", "1.2")) {
            case "1.3":
                return new String[] {"TLSv1.3"};
            case "both":
                return new String[] {"TLSv1.3", "TLSv1.2"};
            case "old":
                return new String[] {"TLSv1.2", "TLSv1.1", "TLSv1", "SSLv3"};
            default:
                return new String[] {"TLSv1.2"};
        }
    }

    private static void report(SSLSocket socket, boolean resumed) {
        SSLSession session = socket.getSession();
        System.out.println("negotiated: version=" + session.getProtocol().replace("TLSv", "") + " suite="
                + session.getCipherSuite().replaceFirst("^SSL_", "TLS_") + " resumed=" + (resumed ? "yes" : "no"));
        System.out.flush();
    }

    @Override
    byte[] connect(Words words) throws Exception {
        // The context stores sessions: the second connection resumes the first.
        String key = words.get("cert", "") + words.get("ca");
        if (context == null || !key.equals(contextKey)) {
            context = context(words);
            contextKey = key;
        }
        context.getClientSessionContext().setSessionCacheSize(words.has("resume") ? 100 : 1);
        byte[] page = visit(words, !words.has("resume"));
        return words.has("resume") ? visit(words, false) : page;
    }

    private byte[] visit(Words words, boolean forget) throws Exception {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", Integer.parseInt(words.get("port")));
        try (socket) {
            socket.setSoTimeout(15_000);
            socket.setTcpNoDelay(true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName("localhost")));
            if (!words.get("suite").contains("_anon_")) {
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
            }
            if (words.has("limit")) {
                // It subtracts the maximum overhead from the packet size: header, IV, MAC, padding.
                parameters.setMaximumPacketSize(Integer.parseInt(words.get("limit")) + 5 + 16 + 48 + 256);
            }
            socket.setSSLParameters(parameters);
            socket.setEnabledProtocols(versions(words));
            List<String> suites = new ArrayList<>(List.of(words.get("suite")));
            if ("both".equals(words.get("tls"))) {
                suites.addAll(List.of("TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
            }
            socket.setEnabledCipherSuites(own(context, suites));
            long begun = System.currentTimeMillis();
            socket.startHandshake();
            boolean resumed = socket.getSession().getCreationTime() < begun;
            if ("client".equals(words.get("key-update"))) {
                // In TLS 1.3 this sends KeyUpdate and requests one.
                socket.startHandshake();
            }
            if ("client".equals(words.get("renegotiate"))) {
                socket.getSession().invalidate();
                socket.startHandshake();
            }
            socket.getOutputStream().write(request(words));
            socket.getOutputStream().flush();
            byte[] page = readAll(socket.getInputStream());
            report(socket, resumed);
            if (forget) {
                socket.getSession().invalidate();
            }
            return page;
        }
    }
}
