// A peer of the interop suite: Go's crypto/tls. See ../README.md for the arguments.
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"time"
)

type words map[string]string

func parse(list []string) words {
	all := words{}
	for _, word := range list {
		if name, value, found := strings.Cut(word, "="); found {
			all[name] = value
		}
	}
	return all
}

func (w words) has(name string) bool { return w[name] != "" }

func (w words) list(name string) []string {
	if !w.has(name) {
		return nil
	}
	return strings.Split(w[name], ",")
}

// absent is the reason why this peer does not support a case.
type absent string

func (a absent) Error() string { return string(a) }

// Hybrid groups by their numbers, because older releases of Go do not name them.
var groups = map[string]tls.CurveID{
	"x25519": tls.X25519, "secp256r1": tls.CurveP256, "secp384r1": tls.CurveP384, "secp521r1": tls.CurveP521,
	"X25519MLKEM768": 0x11ec, "SecP256r1MLKEM768": 0x11eb, "SecP384r1MLKEM1024": 0x11ed,
}

// minor is the second number of Go's version.
func minor() (number int) {
	if _, err := fmt.Sscanf(runtime.Version(), "go1.%d", &number); err != nil {
		return 1 << 20
	}
	return number
}

// The first release of Go with a hybrid group.
func since(group string) int {
	switch group {
	case "X25519MLKEM768":
		return 24
	case "SecP256r1MLKEM768", "SecP384r1MLKEM1024":
		return 26
	}
	return 0
}

var schemes = map[string]tls.SignatureScheme{
	"rsa_pkcs1_sha256": tls.PKCS1WithSHA256, "rsa_pkcs1_sha384": tls.PKCS1WithSHA384, "rsa_pkcs1_sha512": tls.PKCS1WithSHA512,
	"rsa_pss_rsae_sha256": tls.PSSWithSHA256, "rsa_pss_rsae_sha384": tls.PSSWithSHA384, "rsa_pss_rsae_sha512": tls.PSSWithSHA512,
	"ecdsa_secp256r1_sha256": tls.ECDSAWithP256AndSHA256, "ecdsa_secp384r1_sha384": tls.ECDSAWithP384AndSHA384,
	"ecdsa_secp521r1_sha512": tls.ECDSAWithP521AndSHA512, "ed25519": tls.Ed25519,
}

func suites() []*tls.CipherSuite { return append(tls.CipherSuites(), tls.InsecureCipherSuites()...) }

func suiteIDs(names []string) (ids []uint16) {
	for _, name := range names {
		for _, suite := range suites() {
			if suite.Name == name {
				ids = append(ids, suite.ID)
			}
		}
	}
	return ids
}

// Whether a session of TLS 1.2 has the extended master secret. Cairn resumes no session without it.
func hasExtendedMasterSecret() bool { return minor() >= 21 }

// config is the common configuration of a client and a server.
func config(w words) (*tls.Config, error) {
	if w.has("limit") {
		return nil, absent("Go does not know max_fragment_length")
	}
	if w["renegotiate"] == "client" {
		return nil, absent("Go's client asks for no second handshake, and its server does not follow one")
	}
	least, most := uint16(tls.VersionTLS12), uint16(tls.VersionTLS13)
	switch w["tls"] {
	case "1.2":
		most = tls.VersionTLS12
	case "1.3":
		least = tls.VersionTLS13
	case "old":
		least, most = tls.VersionTLS10, tls.VersionTLS12
	}
	// In TLS 1.3 a client cannot tell a ticket that is a key of the server's store.
	if w["resume"] == "id" && (least < tls.VersionTLS13 || !w.has("port")) {
		return nil, absent("Go resumes by tickets only")
	}
	if w.has("resume") && least < tls.VersionTLS13 && !hasExtendedMasterSecret() {
		return nil, absent("Go before 1.21 has no extended master secret, without which Cairn does not resume")
	}
	c := &tls.Config{MinVersion: least, MaxVersion: most, SessionTicketsDisabled: !w.has("resume")}
	for _, name := range w.list("group") {
		if minor() < since(name) {
			return nil, absent("this release of Go does not have this group")
		}
		c.CurvePreferences = append(c.CurvePreferences, groups[name])
	}
	authorities, err := os.ReadFile(w["ca"])
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authorities)
	c.RootCAs, c.ClientCAs = pool, pool
	keys := w.list("key")
	for place, file := range w.list("cert") {
		pair, err := tls.LoadX509KeyPair(file, keys[place])
		if err != nil {
			if strings.Contains(file, "rsa-pss") {
				return nil, absent("Go has no RSASSA-PSS keys")
			}
			return nil, err
		}
		if w.has("scheme") {
			pair.SupportedSignatureAlgorithms = []tls.SignatureScheme{schemes[w.list("scheme")[0]]}
		}
		c.Certificates = append(c.Certificates, pair)
	}
	return c, nil
}

func listen(w words) error {
	c, err := config(w)
	if err != nil {
		return err
	}
	if w.has("renegotiate") {
		return absent("Go's server asks for no second handshake")
	}
	c.CipherSuites = suiteIDs(w.list("suites"))
	if w.has("client-auth") {
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", c)
	if err != nil {
		return err
	}
	fmt.Printf("listening on %s\n", listener.Addr())
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		conn.SetDeadline(time.Now().Add(15 * time.Second))
		if err := echo(conn); err != nil {
			fmt.Println("a connection failed:", err)
		} else if server, is := conn.(*tls.Conn); is {
			report(server)
		}
		conn.Close()
	}
}

// report prints what was negotiated.
func report(conn *tls.Conn) {
	state, version, resumed := conn.ConnectionState(), "1.2", "no"
	if state.Version == tls.VersionTLS13 {
		version = "1.3"
	}
	if state.DidResume {
		resumed = "yes"
	}
	fmt.Printf("negotiated: version=%s suite=%s resumed=%s\n", version, tls.CipherSuiteName(state.CipherSuite), resumed)
}

func echo(conn net.Conn) error {
	var said []byte
	chunk := make([]byte, 16384)
	for !bytes.HasSuffix(said, []byte("\r\n\r\n")) {
		count, err := conn.Read(chunk)
		if err != nil {
			return err
		}
		said = append(said, chunk[:count]...)
	}
	_, err := conn.Write(said)
	return err
}

func visit(w words, c *tls.Config) ([]byte, error) {
	conn, err := net.Dial("tcp", "127.0.0.1:"+w["port"])
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(15 * time.Second))
	client := tls.Client(conn, c)
	if _, err := fmt.Fprintf(client, "GET %s HTTP/1.0\r\n\r\n", w["path"]); err != nil {
		return nil, err
	}
	page, err := io.ReadAll(client)
	if err == nil {
		report(client)
	}
	client.Close()
	return page, err
}

func connect(w words) ([]byte, error) {
	if w.has("scheme") && strings.HasPrefix(w["scheme"], "rsa") {
		return nil, absent("Go's client does not let one choose signature schemes")
	}
	if w["tls"] == "1.3" && w["suite"] != "TLS_AES_128_GCM_SHA256" {
		return nil, absent("Go's client does not let one choose suites of TLS 1.3")
	}
	if strings.HasPrefix(w["group"], "x25519,") && strings.Contains(w["group"], "MLKEM") {
		return nil, absent("Go's client sends a share of a hybrid group that it offers")
	}
	c, err := config(w)
	if err != nil {
		return nil, err
	}
	c.ServerName = "localhost"
	c.CipherSuites = suiteIDs([]string{w["suite"]})
	c.Renegotiation = tls.RenegotiateFreelyAsClient
	if !w.has("resume") {
		return visit(w, c)
	}
	c.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	if _, err := visit(w, c); err != nil {
		return nil, err
	}
	return visit(w, c)
}

func main() {
	// The default of new releases, which the version in go.mod would switch off.
	os.Setenv("GODEBUG", "tlsmlkem=1,tlssecpmlkem=1")
	switch os.Args[1] {
	case "suites":
		for _, suite := range suites() {
			fmt.Println(suite.Name)
		}
	case "server":
		err := listen(parse(os.Args[2:]))
		var why absent
		if errors.As(err, &why) {
			fmt.Println("absent:", why)
		} else {
			fmt.Println("failed:", err)
		}
		os.Exit(1)
	default:
		lines := bufio.NewScanner(os.Stdin)
		lines.Buffer(make([]byte, 1<<16), 1<<20)
		for lines.Scan() {
			page, err := connect(parse(strings.Fields(lines.Text())))
			var why absent
			switch {
			case errors.As(err, &why):
				fmt.Println("absent:", why)
			case err != nil:
				fmt.Println("failed:", err)
			default:
				for _, line := range strings.Split(string(page), "\n") {
					fmt.Println("|", line)
				}
				fmt.Println("ok")
			}
		}
	}
}
