import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A peer of the interop suite: lists its suites, acts as a server, or acts as a client that reads commands from its
 * standard input. See ../README.md for the arguments.
 */
abstract class Peer {
    /** Arguments of the form name=value. */
    static final class Words {
        private final Map<String, String> all = new HashMap<>();

        Words(Iterable<String> words) {
            for (String word : words) {
                int at = word.indexOf('=');
                if (at > 0) {
                    all.put(word.substring(0, at), word.substring(at + 1));
                }
            }
        }

        String get(String name) {
            return all.get(name);
        }

        String get(String name, String otherwise) {
            return all.getOrDefault(name, otherwise);
        }

        boolean has(String name) {
            return all.containsKey(name);
        }

        List<String> list(String name) {
            return has(name) ? List.of(get(name).split(",")) : List.of();
        }
    }

    /** This peer does not support the case. */
    static final class Absent extends Exception {
        Absent(String why) {
            super(why);
        }
    }

    /** Prints the IANA names of the cipher suites. */
    abstract Iterable<String> suites() throws Exception;

    /** Prepares a server with these arguments. */
    abstract void configure(Words words) throws Exception;

    /** Serves one connection. */
    abstract void serve(Socket socket) throws Exception;

    /** Connects, sends the request, and returns the answer up to the end; twice if a session is resumed. */
    abstract byte[] connect(Words words) throws Exception;

    final void run(String[] arguments) throws Exception {
        List<String> words = List.of(arguments);
        switch (words.get(0)) {
            case "suites":
                for (String suite : suites()) {
                    System.out.println(suite);
                }
                break;
            case "server":
                configure(new Words(words));
                listen();
                break;
            default:
                obey();
        }
    }

    private void listen() throws Exception {
        ServerSocket listener = new ServerSocket(0, 16, InetAddress.getByName("127.0.0.1"));
        System.out.println("listening on 127.0.0.1:" + listener.getLocalPort());
        System.out.flush();
        while (true) {
            try (Socket socket = listener.accept()) {
                socket.setSoTimeout(15_000);
                socket.setTcpNoDelay(true);
                serve(socket);
            } catch (Exception | StackOverflowError e) {
                System.out.println("a connection failed: " + e);
            }
        }
    }

    private void obey() throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            try {
                String page = new String(connect(new Words(List.of(line.split(" ")))), StandardCharsets.UTF_8);
                page.lines().forEach(one -> System.out.println("| " + one));
                System.out.println("ok");
            } catch (Absent e) {
                System.out.println("absent: " + e.getMessage());
            } catch (Exception e) {
                System.out.println("failed: " + e + (e.getCause() == null ? "" : " because " + e.getCause()));
            }
            System.out.flush();
        }
    }

    static byte[] request(Words words) {
        return ("GET " + words.get("path") + " HTTP/1.0\r\n\r\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Reads up to an empty line, and echoes everything. */
    static void echo(InputStream in, OutputStream out) throws IOException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        byte[] chunk = new byte[16_384];
        while (!said.toString(StandardCharsets.UTF_8).endsWith("\r\n\r\n")) {
            int count = in.read(chunk);
            if (count < 0) {
                return;
            }
            said.write(chunk, 0, count);
        }
        out.write(said.toByteArray());
        out.flush();
    }

    /** Reads until the peer closes. */
    static byte[] readAll(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] chunk = new byte[16_384];
        for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
            all.write(chunk, 0, count);
        }
        return all.toByteArray();
    }

    /** The contents of the PEM blocks in a file, in order. */
    static List<byte[]> pem(String file) throws IOException {
        List<byte[]> all = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (String line : Files.readAllLines(Paths.get(file))) {
            if (line.startsWith("-----END")) {
                all.add(Base64.getDecoder().decode(text.toString()));
            } else if (line.startsWith("-----BEGIN")) {
                text.setLength(0);
            } else {
                text.append(line.trim());
            }
        }
        return all;
    }

    static PrivateKey privateKey(String file) throws Exception {
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(pem(file).get(0));
        Exception last = null;
        for (String algorithm : new String[] {"RSA", "RSASSA-PSS", "EC", "Ed25519"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (Exception e) {
                last = e;
            }
        }
        throw last;
    }
}
