import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Vector;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.tls.*;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedDecryptor;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/** Bouncy Castle's TLS, through its own interface. */
final class BouncyCastle extends Peer {
    private final BcTlsCrypto crypto = new BcTlsCrypto(new SecureRandom());
    private final Map<String, TlsSession> sessions = new HashMap<>();
    private Words server;

    public static void main(String[] arguments) throws Exception {
        new BouncyCastle().run(arguments);
    }

    private static final Map<String, Integer> SUITES = constants(CipherSuite.class, "TLS_");
    private static final Map<String, Integer> GROUPS = constants(NamedGroup.class, "");
    private static final Map<String, Integer> SCHEMES = constants(SignatureScheme.class, "");

    private static Map<String, Integer> constants(Class<?> of, String prefix) {
        Map<String, Integer> all = new HashMap<>();
        for (Field field : of.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType() == int.class && field.getName().startsWith(prefix)) {
                try {
                    all.put(field.getName(), field.getInt(null));
                } catch (IllegalAccessException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        return all;
    }

    @Override
    Iterable<String> suites() {
        List<String> names = new ArrayList<>();
        SUITES.forEach((name, id) -> {
            if (TlsUtils.isSupportedCipherSuite(crypto, id) && TlsUtils.isValidVersionForCipherSuite(id, ProtocolVersion.TLSv12)) {
                names.add(name);
            }
        });
        return names;
    }

    private static int[] ids(List<String> suites) {
        return suites.stream().filter(SUITES::containsKey).mapToInt(SUITES::get).toArray();
    }

    private static Vector<SignatureAndHashAlgorithm> scheme(Words words) {
        if (!words.has("scheme")) {
            return null;
        }
        Vector<SignatureAndHashAlgorithm> both = new Vector<>();
        for (String name : words.list("scheme")) {
            both.add(SignatureScheme.getSignatureAndHashAlgorithm(SCHEMES.get(name)));
        }
        return both;
    }

    private Certificate chain(String file) throws IOException {
        List<TlsCertificate> all = new ArrayList<>();
        for (byte[] der : pem(file)) {
            all.add(crypto.createCertificate(der));
        }
        return new Certificate(all.toArray(new TlsCertificate[0]));
    }

    private static AsymmetricKeyParameter key(String file) throws IOException {
        return PrivateKeyFactory.createKey(pem(file).get(0));
    }

    /** A credential that signs with one of the schemes that the peer accepts. */
    private TlsCredentialedSigner signer(TlsContext context, String cert, String key, Vector<?> wanted) throws IOException {
        Certificate chain = chain(cert);
        TlsCertificate own = chain.getCertificateAt(0);
        for (Object one : wanted) {
            SignatureAndHashAlgorithm algorithm = (SignatureAndHashAlgorithm) one;
            int scheme = SignatureScheme.from(algorithm);
            boolean fits = own.supportsSignatureAlgorithm(algorithm.getSignature());
            // In TLS 1.2 a curve does not determine the hash; the one of the same size is customary.
            if (fits && (algorithm.getSignature() != SignatureAlgorithm.ecdsa || fitsCurve(own, scheme))) {
                return new BcDefaultTlsCredentialedSigner(new TlsCryptoParameters(context), crypto, key(key), chain, algorithm);
            }
        }
        return null;
    }

    private static boolean fitsCurve(TlsCertificate own, int scheme) throws IOException {
        String encoded = new java.math.BigInteger(1, own.getEncoded()).toString(16);
        // The object identifiers of secp384r1 and secp521r1.
        boolean p384 = encoded.contains("06052b81040022");
        boolean p521 = encoded.contains("06052b81040023");
        int fitting = p384 ? SignatureScheme.ecdsa_secp384r1_sha384 : p521 ? SignatureScheme.ecdsa_secp521r1_sha512 : SignatureScheme.ecdsa_secp256r1_sha256;
        return scheme == fitting;
    }

    /** Only checks that the chain is one certificate, signed by a trusted authority. */
    private void check(Certificate chain, String authorities) throws IOException {
        if (chain == null || chain.isEmpty()) {
            throw new TlsFatalAlert(AlertDescription.certificate_required);
        }
        try {
            java.security.cert.CertificateFactory factory = java.security.cert.CertificateFactory.getInstance("X.509");
            java.security.cert.Certificate own = factory.generateCertificate(new java.io.ByteArrayInputStream(chain.getCertificateAt(0).getEncoded()));
            for (byte[] der : pem(authorities)) {
                try {
                    own.verify(factory.generateCertificate(new java.io.ByteArrayInputStream(der)).getPublicKey());
                    return;
                } catch (java.security.GeneralSecurityException e) {
                    // Try the next one.
                }
            }
        } catch (java.security.GeneralSecurityException e) {
            throw new TlsFatalAlert(AlertDescription.bad_certificate, e);
        }
        throw new TlsFatalAlert(AlertDescription.unknown_ca);
    }

    private static byte[] psk(Words words) {
        String digits = words.get("psk");
        byte[] key = new byte[digits.length() / 2];
        for (int place = 0; place < key.length; place++) {
            key[place] = (byte) Integer.parseInt(digits.substring(2 * place, 2 * place + 2), 16);
        }
        return key;
    }

    @Override
    void configure(Words words) {
        server = words;
    }

    @Override
    void serve(Socket socket) throws Exception {
        TlsServerProtocol protocol = new TlsServerProtocol(socket.getInputStream(), socket.getOutputStream());
        protocol.accept(new Server());
        echo(protocol.getInputStream(), protocol.getOutputStream());
        protocol.close();
    }

    private final class Server extends AbstractTlsServer {
        Server() {
            super(BouncyCastle.this.crypto);
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return ProtocolVersion.TLSv12.only();
        }

        @Override
        protected int[] getSupportedCipherSuites() {
            return ids(server.list("suites"));
        }

        @Override
        protected boolean allowEncryptThenMAC() {
            return !server.has("no-etm");
        }

        @Override
        public int getRenegotiationPolicy() {
            return RenegotiationPolicy.ACCEPT;
        }

        @Override
        public boolean requiresCloseNotify() {
            return false;
        }

        @Override
        public int[] getSupportedGroups() throws IOException {
            return server.has("group") ? new int[] {GROUPS.get(server.get("group"))} : super.getSupportedGroups();
        }

        @Override
        public TlsPSKIdentityManager getPSKIdentityManager() {
            return new TlsPSKIdentityManager() {
                @Override
                public byte[] getHint() {
                    return "which".getBytes(StandardCharsets.UTF_8);
                }

                @Override
                public byte[] getPSK(byte[] identity) {
                    return new String(identity, StandardCharsets.UTF_8).equals("client") ? psk(server) : null;
                }
            };
        }

        @Override
        public byte[] getNewSessionID() {
            return context.getNonceGenerator().generateNonce(32);
        }

        @Override
        public void notifyHandshakeComplete() throws IOException {
            super.notifyHandshakeComplete();
            TlsSession session = context.getSession();
            if (session != null && session.isResumable()) {
                sessions.put(new java.math.BigInteger(1, session.getSessionID()).toString(16), session);
            }
        }

        @Override
        public TlsSession getSessionToResume(byte[] id) {
            return id == null ? null : sessions.get(new java.math.BigInteger(1, id).toString(16));
        }

        @Override
        public TlsCredentials getCredentials() throws IOException {
            int exchange = context.getSecurityParametersHandshake().getKeyExchangeAlgorithm();
            switch (exchange) {
                case KeyExchangeAlgorithm.RSA:
                case KeyExchangeAlgorithm.RSA_PSK:
                    return new BcDefaultTlsCredentialedDecryptor(BouncyCastle.this.crypto, chain(server.list("cert").get(0)), key(server.list("key").get(0)));
                case KeyExchangeAlgorithm.DHE_RSA:
                case KeyExchangeAlgorithm.ECDHE_RSA:
                case KeyExchangeAlgorithm.ECDHE_ECDSA:
                    return signer(exchange == KeyExchangeAlgorithm.ECDHE_ECDSA);
                default:
                    return null;
            }
        }

        private TlsCredentialedSigner signer(boolean ecdsa) throws IOException {
            Vector<?> theirs = context.getSecurityParametersHandshake().getClientSigAlgs();
            Vector<?> ours = scheme(server);
            Vector<Object> both = new Vector<>(ours == null ? theirs : ours);
            both.retainAll(theirs);
            List<String> certs = server.list("cert");
            for (int place = 0; place < certs.size(); place++) {
                TlsCertificate own = chain(certs.get(place)).getCertificateAt(0);
                boolean rsa = own.supportsSignatureAlgorithm(SignatureAlgorithm.rsa) || own.supportsSignatureAlgorithm(SignatureAlgorithm.rsa_pss_pss_sha256);
                TlsCredentialedSigner signer = rsa == ecdsa ? null : BouncyCastle.this.signer(context, certs.get(place), server.list("key").get(place), both);
                if (signer != null) {
                    return signer;
                }
            }
            throw new TlsFatalAlert(AlertDescription.handshake_failure);
        }

        @Override
        public CertificateRequest getCertificateRequest() {
            if (!server.has("client-auth")) {
                return null;
            }
            short[] types = {ClientCertificateType.rsa_sign, ClientCertificateType.ecdsa_sign};
            return new CertificateRequest(types, TlsUtils.getDefaultSupportedSignatureAlgorithms(context), null);
        }

        @Override
        public void notifyClientCertificate(Certificate chain) throws IOException {
            check(chain, server.get("ca"));
        }
    }

    @Override
    byte[] connect(Words words) throws Exception {
        TlsSession[] session = new TlsSession[1];
        byte[] page = visit(words, session);
        return words.has("resume") ? visit(words, session) : page;
    }

    private byte[] visit(Words words, TlsSession[] session) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", Integer.parseInt(words.get("port")))) {
            socket.setSoTimeout(15_000);
            socket.setTcpNoDelay(true);
            TlsClientProtocol protocol = new TlsClientProtocol(socket.getInputStream(), socket.getOutputStream());
            protocol.connect(new Client(words, session));
            protocol.getOutputStream().write(request(words));
            protocol.getOutputStream().flush();
            byte[] page = readAll(protocol.getInputStream());
            protocol.close();
            return page;
        }
    }

    private final class Client extends AbstractTlsClient {
        private final Words words;
        private final TlsSession[] session;

        Client(Words words, TlsSession[] session) {
            super(BouncyCastle.this.crypto);
            this.words = words;
            this.session = session;
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return ProtocolVersion.TLSv12.only();
        }

        @Override
        protected int[] getSupportedCipherSuites() {
            return ids(words.list("suite"));
        }

        @Override
        protected Vector getSNIServerNames() {
            Vector<ServerName> names = new Vector<>();
            names.add(new ServerName((short) 0, "localhost".getBytes(StandardCharsets.UTF_8)));
            return names;
        }

        @Override
        protected Vector getSupportedGroups(Vector roles) {
            Vector<Integer> groups = new Vector<>();
            // It rejects a group that it has not offered, whatever its name.
            for (String name : words.get("group", "x25519,secp256r1,secp384r1,secp521r1,ffdhe2048").split(",")) {
                groups.add(GROUPS.get(name));
            }
            return groups;
        }

        @Override
        protected Vector getSupportedSignatureAlgorithms() {
            Vector<SignatureAndHashAlgorithm> one = scheme(words);
            return one == null ? super.getSupportedSignatureAlgorithms() : one;
        }

        @Override
        public Hashtable getClientExtensions() throws IOException {
            Hashtable extensions = TlsExtensionsUtils.ensureExtensionsInitialised(super.getClientExtensions());
            if (words.has("no-etm")) {
                extensions.remove(TlsExtensionsUtils.EXT_encrypt_then_mac);
            }
            if (words.has("limit")) {
                short code = 1;
                for (int bytes = 512; bytes < Integer.parseInt(words.get("limit")); bytes *= 2) {
                    code++;
                }
                TlsExtensionsUtils.addMaxFragmentLengthExtension(extensions, code);
            }
            return extensions;
        }

        @Override
        public TlsPSKIdentity getPSKIdentity() {
            return new BasicTlsPSKIdentity("client", psk(words));
        }

        @Override
        public TlsSession getSessionToResume() {
            return session[0];
        }

        @Override
        public void notifyHandshakeComplete() throws IOException {
            super.notifyHandshakeComplete();
            if (context.getSession() != null && context.getSession().isResumable()) {
                session[0] = context.getSession();
            }
        }

        @Override
        public TlsAuthentication getAuthentication() {
            return new TlsAuthentication() {
                @Override
                public void notifyServerCertificate(TlsServerCertificate certificate) throws IOException {
                    check(certificate.getCertificate(), words.get("ca"));
                }

                @Override
                public TlsCredentials getClientCredentials(CertificateRequest request) throws IOException {
                    if (!words.has("cert")) {
                        return null;
                    }
                    return signer(context, words.get("cert"), words.get("key"), request.getSupportedSignatureAlgorithms());
                }
            };
        }
    }
}
