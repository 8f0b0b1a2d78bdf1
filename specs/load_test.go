// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"crypto/sha256"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// onDisk writes the base workspace to a folder.
func onDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	ar, err := txtar.ParseFile(filepath.Join("testdata", "base.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		write(t, filepath.Join(dir, f.Name), string(f.Data))
	}
	return dir
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func noEnv(string) (string, bool) { return "", false }

func TestLoadFolder(t *testing.T) {
	dir := onDisk(t)
	ws, found := Load(dir, noEnv)
	if len(found) > 0 {
		t.Fatal(found)
	}
	if ws.Dir != dir {
		t.Errorf("dir %q", ws.Dir)
	}
	if _, err := fs.ReadFile(ws.FS, "openapi.yaml"); err != nil {
		t.Errorf("the file system of the workspace cannot be used after loading: %v", err)
	}
}

func TestLoadNoFolder(t *testing.T) {
	ws, found := Load(filepath.Join(t.TempDir(), "missing"), noEnv)
	if ws != nil || len(found) != 1 || found[0].Code != CodeFile {
		t.Errorf("workspace %v, findings %v", ws, found)
	}
}

// TestLinksCannotLeave links a part of the workspace to a file outside of it.
func TestLinksCannotLeave(t *testing.T) {
	for _, name := range []string{"lintel.yaml", "openapi.yaml", "records.yaml", "transforms/getAccount.yaml"} {
		t.Run(name, func(t *testing.T) {
			dir, outside := onDisk(t), filepath.Join(t.TempDir(), "outside.yaml")
			write(t, outside, "s3cret: 1\n")
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(outside, filepath.Join(dir, name)); err != nil {
				t.Skip("no links here")
			}
			_, found := Load(dir, noEnv)
			if !found.HasErrors() || strings.Contains(found.Error(), "s3cret") {
				t.Errorf("findings: %v", found)
			}
		})
	}
}

func TestAbsoluteFileReference(t *testing.T) {
	dir, secrets := onDisk(t), t.TempDir()
	write(t, filepath.Join(secrets, "address"), "127.0.0.1:9999\r\n")
	write(t, filepath.Join(secrets, "large"), strings.Repeat("x", maxReferenced+1))
	config, err := os.ReadFile(filepath.Join(dir, "lintel.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	load := func(name string) (*Workspace, Findings) {
		write(t, filepath.Join(dir, "lintel.yaml"), strings.Replace(string(config), "127.0.0.1:9301", "${file:"+filepath.ToSlash(filepath.Join(secrets, name))+"}", 1))
		return Load(dir, noEnv)
	}
	ws, found := load("address")
	if len(found) > 0 {
		t.Fatal(found)
	}
	if got := ws.Config.Backends[0].TCP.Addresses[0]; got.Value != "127.0.0.1:9999" || !got.Secret {
		t.Errorf("address %+v", got)
	}
	for _, name := range []string{"missing", "large", "."} {
		if _, found := load(name); len(found) != 1 || found[0].Code != CodeFileReference {
			t.Errorf("%s: findings %v", name, found)
		}
	}
}

// config loads the base workspace with another lintel.yaml.
func config(t *testing.T, text string, env map[string]string) (*Config, Findings) {
	t.Helper()
	fsys := withKeys(base(t))
	fsys["lintel.yaml"] = &fstest.MapFile{Data: []byte(text)}
	ws, found := LoadFS("test", fsys, func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	})
	// The contract of the base asks for no security, and no listener has its file.
	return ws.Config, slices.DeleteFunc(found, func(f Finding) bool {
		return f.Code == CodeSchemeUnused || f.Code == CodeListener || f.Code == CodePing
	})
}

// withKeys adds a file of API keys: the hashes of "one" and "two".
func withKeys(fsys fstest.MapFS) fstest.MapFS {
	fsys["keys.yaml"] = &fstest.MapFile{Data: []byte(`mobile:
  - {sha256: 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed, roles: [app, teller]}
  - {sha256: 3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3, expires: 2027-01-31}
`)}
	fsys["certificates.yaml"] = &fstest.MapFile{Data: []byte(`
partner:
  - {sha256: 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed, roles: [app]}
  - {dns: partner.example, expires: 2027-01-31}
  - {uri: "spiffe://bank/other"}
  - {commonName: Third Party}
`)}
	return fsys
}

func TestConfigDefaults(t *testing.T) {
	c, found := config(t, `
lintel: 1
contract: openapi.yaml
backends:
  core: {tcp: {address: "host:1", frame: {length: {bytes: 2}}}}
`, nil)
	if len(found) > 0 {
		t.Fatal(found)
	}
	want := &Config{
		Contract: Text{Value: "openapi.yaml", Pos: Pos{"lintel.yaml", 3, 11}},
		Backends: []*Backend{{
			Name: "core", Wire: "tcp", Pos: Pos{"lintel.yaml", 5, 3}, Timeout: 5 * time.Second,
			CodePage: Text{Value: "cp037", Pos: Pos{"lintel.yaml", 5, 3}},
			TCP: &TCPConfig{
				Addresses: []Text{{Value: "host:1", Pos: Pos{"lintel.yaml", 5, 25}}}, Frame: FrameConfig{Length: &LengthFrame{Bytes: 2}},
				Connect: 2 * time.Second, Idle: time.Minute, MaxReply: 1 << 20,
			},
			Concurrency: ConcurrencyConfig{Max: 32, Wait: 100 * time.Millisecond, Queue: 128},
			Retries:     2,
			Breaker: BreakerConfig{
				Window: 30 * time.Second, Failures: 50, Minimum: 20, Open: 10 * time.Second, MaxOpen: 40 * time.Second, Ramp: 5 * time.Second,
			},
		}},
		Gateway: GatewayConfig{
			Listen: ":8080", Admin: "127.0.0.1:9901", BodyLimit: 1 << 20, Timeout: 30 * time.Second,
			Drain: 30 * time.Second, Responses: "enforce", Replicas: 1, Edge: newEdge(),
		},
		Journal:    JournalConfig{Directory: ".lintel/journal", Retention: 7 * 24 * time.Hour},
		Operations: OperationsConfig{Log: LogConfig{Level: "info", Sample: 100}, Compress: 1 << 10, Cache: CacheConfig{Entries: 1000, Size: 16 << 20}},
	}
	c.Settings = nil // see TestSettings
	if diff := cmp.Diff(want, c, cmp.Comparer(func(a, b Secret) bool { return a.Equal(b) })); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestConfigEverything(t *testing.T) {
	c, found := config(t, fullConfig, map[string]string{
		"HOST": "mvs1", "ISSUER": "https://login.example/r", "EMPTY": "", "MAX": "8", "TOKEN": "0123456789abcdef01234567",
		"REDIS_PASSWORD": "hush", "KEY": "0123456789abcdef0123456789abcdef", "HOOK": "0123456789abcdef", "NEWKEY": "new-0123456789abcdef0123456789ab", "OLDKEY": "old-0123456789abcdef0123456789ab",
	})
	if len(found) > 0 {
		t.Fatal(found)
	}
	fingerprint := sha256.Sum256([]byte("one"))
	want := &Config{
		Backends: []*Backend{{
			Name: "core", Wire: "tcp", Timeout: 1500 * time.Millisecond, CodePage: Text{Value: "cp1140"},
			TCP: &TCPConfig{
				Addresses: []Text{{Value: "mvs1:9301", Secret: true}, {Value: "mvs2:9301"}}, Spread: true,
				Frame:   FrameConfig{Length: &LengthFrame{Bytes: 4, Little: true, IncludesSelf: true}},
				Connect: 500 * time.Millisecond, Idle: 5 * time.Minute, MaxReply: 64 << 10,
				TLS: &TLSConfig{ServerName: "mvs1.example", CA: Text{Value: "records.yaml"}, Certificate: Text{Value: "lintel.yaml"}, Key: Text{Value: "openapi.yaml"}},
			},
			Concurrency: ConcurrencyConfig{Max: 8, Min: 2, Wait: -1, Queue: -1},
			Retries:     1,
			Breaker: BreakerConfig{
				Window: time.Minute, Failures: 40, SlowOver: time.Second, SlowRatio: 80, Minimum: 5, Open: 3 * time.Second, MaxOpen: time.Minute, Ramp: -1,
				Ping: &PingConfig{Every: 10 * time.Second, Timeout: 1500 * time.Millisecond},
			},
		}, {
			Name: "claims", Wire: "http", Timeout: 5 * time.Second, CodePage: Text{Value: "cp037"},
			HTTP: &HTTPConfig{
				URLs: []Text{{Value: "https://mvs1:8443/claims", Secret: true}, {Value: "https://mvs2:8443/claims"}}, Spread: true, Method: "PUT", Headers: []HeaderConfig{{"Authorization", Text{Value: "mvs1", Secret: true}}},
				Messages: []string{"404", "5xx"}, NotApplied: []string{"503"}, Gzip: true,
				Connect: time.Second, Idle: 5 * time.Minute, MaxReply: 64 << 10,
				TLS:  &TLSConfig{ServerName: "mvs1.example", CA: Text{Value: "records.yaml"}, Certificate: Text{Value: "lintel.yaml"}, Key: Text{Value: "openapi.yaml"}},
				SOAP: fullSOAP(),
			},
			Concurrency: ConcurrencyConfig{Max: 32, Wait: 100 * time.Millisecond, Queue: 128},
			Retries:     2,
			Breaker: BreakerConfig{
				Window: 30 * time.Second, Failures: 50, Minimum: 20, Open: 10 * time.Second, MaxOpen: 40 * time.Second, Ramp: 5 * time.Second,
			},
		}, {
			Name: "orders", Wire: "amqp", Timeout: 5 * time.Second, CodePage: Text{Value: "cp037"},
			AMQP: &AMQPConfig{
				Addresses: []Text{{Value: "mvs1:5671", Secret: true}}, Queue: Text{Value: "ORDERS.IN"}, ReplyTo: Text{Value: "ORDERS.OUT.{instance}"},
				Broker: "ibmmq", Body: "text", Durable: true, Ints: []string{"JMS_IBM_MsgType"}, Credit: 500, Trace: true,
				Connect: time.Second, Idle: 30 * time.Second, MaxReply: 64 << 10, Host: Text{Value: "vhost"}, Container: Text{Value: "lintel-1"},
				TLS:  &TLSConfig{ServerName: "mq1.example", CA: Text{Value: "records.yaml"}, Certificate: Text{Value: "lintel.yaml"}, Key: Text{Value: "openapi.yaml"}},
				SASL: SASLConfig{Mechanism: "plain", User: Text{Value: "lintel"}, Password: Text{Value: "mvs1", Secret: true}},
			},
			Concurrency: ConcurrencyConfig{Max: 32, Wait: 100 * time.Millisecond, Queue: 128},
			Retries:     2,
			Breaker: BreakerConfig{
				Window: 30 * time.Second, Failures: 50, Minimum: 20, Open: 10 * time.Second, MaxOpen: 40 * time.Second, Ramp: 5 * time.Second,
			},
		}, fullMQ()},
		Listeners: fullListeners(),
		Contract:  Text{Value: "openapi.yaml"},
		Security: SecurityConfig{Schemes: []*SchemeConfig{
			{
				Name: "login", Issuer: Text{Value: "https://login.example/r", Secret: true}, Audiences: []string{"bank-api", "old-api"},
				JWKS: Text{Value: "https://login.example/keys"}, CA: Text{Value: "records.yaml"}, Algorithms: []string{"ES256", "PS384"},
				Skew: 30 * time.Second, Claims: []RequiredClaim{{"tenant", "acme"}}, Roles: "realm_access.roles", LogClient: true,
			},
			{
				Name: "key", KeysFile: Text{Value: "keys.yaml"}, Skew: time.Minute, Algorithms: []string{"RS256", "PS256", "ES256", "EdDSA"},
				Keys: []*ClientKey{
					{Client: "mobile", Hash: sha256.Sum256([]byte("one")), Roles: []string{"app", "teller"}},
					{Client: "mobile", Hash: sha256.Sum256([]byte("two")), Expires: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)},
				},
				Basic: true,
			},
			{
				Name: "tls", CertificatesFile: Text{Value: "certificates.yaml"}, Skew: time.Minute, Algorithms: []string{"RS256", "PS256", "ES256", "EdDSA"},
				Certificates: []*ClientCertificate{
					{Client: "partner", Fingerprint: &fingerprint, Roles: []string{"app"}},
					{Client: "partner", DNS: "partner.example", Expires: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)},
					{Client: "partner", URI: "spiffe://bank/other"},
					{Client: "partner", CommonName: "Third Party"},
				},
			},
		}},
		Gateway: GatewayConfig{
			Listen: "0.0.0.0:8081", Admin: "[::1]:0", BodyLimit: 2000, Timeout: 10 * time.Second, Drain: time.Second, Responses: "report", BudgetHeader: "Request-Timeout",
			Edge: EdgeConfig{
				TLS:     &ListenTLS{Certificate: Text{Value: "lintel.yaml"}, Key: Text{Value: "openapi.yaml"}, Clients: Text{Value: "records.yaml"}, Require: true, Minimum: "1.3"},
				Proxies: []netip.Prefix{netip.MustParsePrefix("10.1.2.3/32"), netip.MustParsePrefix("fd00::/8")}, HSTS: 24 * time.Hour,
				CORS:        &CORSConfig{Origins: []string{"https://app.example:8443"}, Headers: []string{"X-A"}, Expose: []string{"X-B"}, Credentials: true, MaxAge: time.Minute},
				Limits:      LimitsConfig{Head: 16 << 10, URL: 4 << 10, Headers: 50, HeadTime: 2 * time.Second, BodyTime: 3 * time.Second, Idle: 4 * time.Second, Connections: 500},
				Concurrency: EdgeConcurrency{Max: 100},
				Rate: RateConfig{
					Redis: NewSecret("redis://:hush@redis:6379/1"),
					Policies: []*RatePolicy{
						{Name: Text{Value: "slow"}, Requests: 5, Per: time.Minute, By: "address", Operations: []Text{{Value: "getAccount"}}},
						{Name: Text{Value: "all"}, Requests: 9, Per: 2 * time.Minute, By: "client"},
					},
				},
			},
			Replicas: 3,
		},
		Journal: JournalConfig{
			Directory: ".lintel/journal", Retention: 48 * time.Hour, BeginAccepted: true,
			Postgres: Text{Value: "postgres://lintel@db/journal"}, Key: Text{Value: "0123456789abcdef0123456789abcdef", Secret: true},
			Encryption: Text{Value: "new-0123456789abcdef0123456789ab", Secret: true}, Decryption: []Text{{Value: "old-0123456789abcdef0123456789ab", Secret: true}},
			Webhook: WebhookConfig{URL: Text{Value: "https://app.example/done"}, Secret: Text{Value: "0123456789abcdef", Secret: true}},
		},
		Operations: OperationsConfig{
			AdminToken: Text{Value: "0123456789abcdef01234567", Secret: true}, AdminHosts: []string{"admin.bank.example"},
			Log:          LogConfig{Level: "warn", Sample: 5},
			Traces:       &TracesConfig{Endpoint: Text{Value: "https://collector:4318/v1/traces"}, Sample: 1, Timeout: time.Second, Service: Text{Value: "bank"}, Headers: []TraceHeader{{"Authorization", Text{Value: "https://login.example/r", Secret: true}}}},
			ServerTiming: true, Cache: CacheConfig{Entries: 10, Size: 1 << 20},
		},
	}
	c.Settings = nil // see TestSettings
	secrets := cmp.Comparer(func(a, b Secret) bool { return a.Equal(b) })
	prefixes := cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })
	noPlaces := cmp.Transformer("noPlaces", func(p Pos) string { return "" })
	if diff := cmp.Diff(want, c, noPlaces, secrets, prefixes); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// fullSOAP is the soap section of fullConfig.
func fullSOAP() *SOAPConfig {
	return &SOAPConfig{
		Addressing: &AddressingConfig{To: Text{Value: "urn:claims"}, Unrelated: true, MustUnderstand: true},
		Security: &WSSecurityConfig{
			Username: &UsernameConfig{Name: Text{Value: "LINTEL"}, Password: Secret{value: "mvs1"}, Plain: true}, Timestamp: 2 * time.Minute,
			Sign:    &SignConfig{Certificate: Text{Value: "lintel.yaml"}, Key: Text{Value: "openapi.yaml"}, Reference: "thumbprint", Parts: []string{"body", "username"}},
			Encrypt: &EncryptConfig{Certificate: Text{Value: "records.yaml"}, Reference: "keyIdentifier", Cipher: "aes128-gcm"},
			Actor:   Text{Value: "urn:esb"}, Optional: true, Attachments: "signed",
			Reply: WSReplyConfig{
				Signers: []Text{{Value: "records.yaml"}, {Value: "lintel.yaml"}}, Keys: []Text{{Value: "openapi.yaml"}, {Value: "lintel.yaml"}}, Confirmed: true, MaxAge: time.Minute, Skew: 10 * time.Second,
				PlainFaults: true, Replays: true, SHA1: true, CBC: true,
			},
		},
	}
}

// fullListeners are those of fullConfig.
func fullMQ() *Backend {
	return &Backend{
		Name: "stock", Wire: "mq", Timeout: 5 * time.Second, CodePage: Text{Value: "cp037"},
		MQ: &MQConfig{
			QueueManager: Text{Value: "QM1"}, Channel: Text{Value: "LINTEL.SVRCONN"}, Connection: Text{Value: "mq1(1414),mq2(1414)"},
			TLS: &MQTLSConfig{
				CipherSpec: Text{Value: "ANY_TLS12_OR_HIGHER"}, KeyRepository: Text{Value: "/var/mqm/ssl/key"}, Password: Text{Value: "mvs1", Secret: true},
				Label: Text{Value: "lintel"}, Peer: Text{Value: "CN=QM1*"},
			},
			Login:       MQLogin{User: Text{Value: "lintel"}, Password: Text{Value: "mvs1", Secret: true}},
			Application: Text{Value: "gateway"}, Queue: Text{Value: "STOCK.IN"}, QueueOwner: Text{Value: "QM2"},
			ReplyTo: Text{Value: "STOCK.OUT.{instance}"}, ReplyOwner: Text{Value: "QM1"}, Shared: true, Correlation: "correlationId", Syncpoint: true,
			Format: Text{Value: "MQSTR"}, CCSID: 1208, Encoding: 546, Persistent: true, Identity: true, Properties: true, Trace: true,
			Putters: 3, Getters: 20, MaxReply: 64 << 10, Wait: time.Second,
		},
		Concurrency: ConcurrencyConfig{Max: 32, Wait: 100 * time.Millisecond, Queue: 128},
		Retries:     2,
		Breaker: BreakerConfig{
			Window: 30 * time.Second, Failures: 50, Minimum: 20, Open: 10 * time.Second, MaxOpen: 40 * time.Second, Ramp: 5 * time.Second,
		},
	}
}

func fullListeners() []*ListenerConfig {
	queue := func(name string) *AMQPConfig {
		return &AMQPConfig{
			Addresses: []Text{{Value: "127.0.0.1:5672"}}, Queue: Text{Value: name}, Broker: "standard", Body: "data", Capability: true,
			Connect: 5 * time.Second, Idle: time.Minute, MaxReply: 1 << 20, SASL: SASLConfig{Mechanism: "anonymous"},
		}
	}
	files := func() *TLSConfig {
		return &TLSConfig{ServerName: "s", CA: Text{Value: "openapi.yaml"}, Certificate: Text{Value: "lintel.yaml"}, Key: Text{Value: "openapi.yaml"}}
	}
	plain := func(name, from string) *ListenerConfig {
		return &ListenerConfig{
			Name: name, AMQP: queue(from), CodePage: Text{Value: "cp037"}, Workers: 8, Attempts: 5,
			First: time.Second, Most: time.Minute, Timeout: 10 * time.Second,
		}
	}
	events, copies, calls := plain("events", "EVENTS"), plain("copies", "EVENTS"), plain("calls", "CALLS")
	a := events.AMQP
	a.Broker, a.Credit, a.Connect, a.Idle, a.MaxReply = "ibmmq", 50, time.Second, 30*time.Second, 64<<10
	a.Host, a.Container, a.TLS = Text{Value: "h"}, Text{Value: "c"}, files()
	a.SASL = SASLConfig{Mechanism: "plain", User: Text{Value: "u"}, Password: Text{Value: "mvs1", Secret: true}}
	events.CodePage, events.Workers, events.Attempts = Text{Value: "cp1140"}, 4, 3
	events.First, events.Most, events.Timeout, events.Backout = 2*time.Second, 3*time.Minute, 5*time.Second, Text{Value: "EVENTS.BACKOUT"}
	issuer := Text{Value: "https://login.example/r", Secret: true}
	events.Webhook = &EventHookConfig{
		URL: Text{Value: "https://hooks.example/events"}, Secret: issuer, Headers: []HeaderConfig{{"X-Team", Text{Value: "orders"}}}, TLS: files(),
	}
	copies.Queue = &QueueConfig{Name: Text{Value: "OUT"}}
	calls.Call = &CallConfig{Headers: []HeaderConfig{{"Authorization", issuer}}}
	stock := plain("stock", "")
	stock.AMQP, stock.Queue = nil, &QueueConfig{Name: Text{Value: "OUT"}}
	stock.MQ = &MQConfig{
		CCDT: Text{Value: "file:///etc/mq/AMQCLCHL.TAB"}, TLS: &MQTLSConfig{KeyRepository: Text{Value: "/var/mqm/ssl/key"}},
		Login: MQLogin{Token: Text{Value: "0123456789abcdef01234567", Secret: true}}, Queue: Text{Value: "STOCK.EVENTS"}, Properties: true, Trace: true,
		Correlation: "messageId", Encoding: 785, MaxReply: 64 << 10, Wait: 500 * time.Millisecond,
	}
	return []*ListenerConfig{events, copies, calls, stock}
}

// fullConfig has every key of lintel.yaml.
const fullConfig = `
lintel: 1
contract: openapi.yaml
backends:
  core:
    tcp:
      addresses: ["${env:HOST}:${env:EMPTY:-9301}", mvs2:9301]
      spread: true
      frame: {length: {bytes: 4, order: little, includes: self}}
      connect: 500ms
      idle: 5m
      maxReply: 64KiB
      tls: {serverName: mvs1.example, ca: ./records.yaml, certificate: lintel.yaml, key: openapi.yaml}
    codepage: cp1140
    timeout: 1.5s
    concurrency: {max: "${env:MAX}", min: 2, wait: 0s, queue: 0}
    retries: 1
    breaker: {window: 1m, failures: 40%, slow: {over: 1s, ratio: 80%}, minimum: 5, open: 3s, maxOpen: 1m, ramp: 0s, ping: {every: 10s, timeout: 1500ms}}
  claims:
    http:
      urls: ["https://${env:HOST}:8443/claims", "https://mvs2:8443/claims"]
      spread: true
      method: PUT
      headers: {Authorization: "${env:HOST}"}
      messages: [404, 5xx]
      notApplied: 503
      gzip: true
      connect: 1s
      idle: 5m
      maxReply: 64KiB
      tls: {serverName: mvs1.example, ca: ./records.yaml, certificate: lintel.yaml, key: openapi.yaml}
      soap:
        addressing: {to: urn:claims, relatesTo: optional, mustUnderstand: true}
        security:
          username: {name: LINTEL, password: "${env:HOST}", type: text}
          timestamp: 2m
          sign: {certificate: lintel.yaml, key: openapi.yaml, reference: thumbprint, parts: [body, username]}
          encrypt: {certificate: records.yaml, reference: keyIdentifier, cipher: aes128-gcm}
          actor: urn:esb
          mustUnderstand: false
          attachments: signed
          reply: {signers: [records.yaml, lintel.yaml], key: [openapi.yaml, lintel.yaml], confirmation: required, maxAge: 1m, skew: 10s, faults: plain, replays: taken, legacy: [sha1, cbc]}
  orders:
    amqp:
      address: ${env:HOST}:5671
      queue: ORDERS.IN
      pattern: request
      replyTo: ORDERS.OUT.{instance}
      broker: ibmmq
      body: text
      durable: true
      capability: false
      ints: [JMS_IBM_MsgType]
      credit: 500
      connect: 1s
      idle: 30s
      maxReply: 64KiB
      host: vhost
      container: lintel-1
      tls: {serverName: mq1.example, ca: ./records.yaml, certificate: lintel.yaml, key: openapi.yaml}
      trace: true
      sasl: {mechanism: plain, user: lintel, password: "${env:HOST}"}
  stock:
    mq:
      queueManager: QM1
      channel: LINTEL.SVRCONN
      connection: mq1(1414),mq2(1414)
      tls: {cipherSpec: ANY_TLS12_OR_HIGHER, keyRepository: /var/mqm/ssl/key, password: "${env:HOST}", label: lintel, peer: "CN=QM1*"}
      login: {user: lintel, password: "${env:HOST}"}
      application: gateway
      queue: STOCK.IN
      queueOwner: QM2
      pattern: request
      replyTo: STOCK.OUT.{instance}
      replyOwner: QM1
      shared: true
      correlation: correlationId
      syncpoint: true
      format: MQSTR
      ccsid: 1208
      encoding: 546
      persistent: true
      identity: true
      properties: true
      trace: true
      putters: 3
      getters: 20
      maxReply: 64KiB
      wait: 1s
listeners:
  events:
    amqp: {address: "127.0.0.1:5672", queue: EVENTS, broker: ibmmq, capability: true, credit: 50, connect: 1s, idle: 30s, maxMessage: 64KiB, host: h, container: c, tls: {serverName: s, ca: openapi.yaml, certificate: lintel.yaml, key: openapi.yaml}, sasl: {mechanism: plain, user: u, password: "${env:HOST}"}}
    codepage: cp1140
    workers: 4
    attempts: 3
    pause: {first: 2s, most: 3m}
    timeout: 5s
    backout: EVENTS.BACKOUT
    webhook: {url: "https://hooks.example/events", secret: "${env:ISSUER}", headers: {X-Team: orders}, tls: {serverName: s, ca: openapi.yaml, certificate: lintel.yaml, key: openapi.yaml}}
  copies:
    amqp: {address: "127.0.0.1:5672", queue: EVENTS}
    queue: {name: OUT}
  calls:
    amqp: {address: "127.0.0.1:5672", queue: CALLS}
    call: {headers: {Authorization: "${env:ISSUER}"}}
  stock:
    mq: {ccdt: "file:///etc/mq/AMQCLCHL.TAB", tls: {keyRepository: /var/mqm/ssl/key}, login: {token: "${env:TOKEN}"}, queue: STOCK.EVENTS, properties: true, trace: true, maxMessage: 64KiB}
    queue: {name: OUT}
security:
  schemes:
    login:
      issuer: ${env:ISSUER}
      audience: [bank-api, old-api]
      jwks: https://login.example/keys
      ca: records.yaml
      algorithms: [ES256, PS384]
      skew: 30s
      claims: {tenant: acme}
      roles: realm_access.roles
      logClient: true
    key: {keys: keys.yaml, basic: true}
    tls: {certificates: certificates.yaml}
gateway: {listen: "0.0.0.0:8081", admin: "[::1]:0", bodyLimit: 2KB, timeout: 10s, drain: 1s, responses: report, replicas: 3, budgetHeader: Request-Timeout,
  tls: {certificate: lintel.yaml, key: openapi.yaml, clients: records.yaml, require: true, minimum: "1.3", http2: false},
  proxies: [10.1.2.3, "fd00::1/8"], hsts: 24h, publish: {contract: false, docs: false},
  cors: {origins: ["https://app.example:8443"], headers: [X-A], expose: [X-B], credentials: true, maxAge: 1m},
  limits: {head: 16KiB, url: 4KiB, headers: 50, headTime: 2s, bodyTime: 3s, idle: 4s, connections: 500},
  concurrency: {max: 100, adaptive: false},
  rate: {redis: "redis://:${env:REDIS_PASSWORD}@redis:6379/1", policies: {slow: {requests: 5, per: 1m, by: address, operations: [getAccount]}, all: {requests: 9, per: 2m}}}}
operations:
  adminToken: ${env:TOKEN}
  adminHosts: admin.bank.example
  log: {level: warn, sample: 5%}
  traces:
    endpoint: https://collector:4318/v1/traces
    sample: 1%
    timeout: 1s
    service: bank
    headers: {Authorization: "${env:ISSUER}"}
  compress: off
  serverTiming: true
  cache: {entries: 10, size: 1MiB}
journal:
  postgres: postgres://lintel@db/journal
  key: ${env:KEY}
  encryption: ${env:NEWKEY}
  decryption: ${env:OLDKEY}
  retention: 48h
  begin: accepted
  webhook: {url: "https://app.example/done", secret: "${env:HOOK}"}
`

func TestReferences(t *testing.T) {
	env := map[string]string{"A": "1", "EMPTY": ""}
	cases := []struct{ text, want string }{
		{"${env:A}", "1"},
		{"x${env:A}y${env:A}z", "x1y1z"},
		{"${env:NONE:-d}", "d"},
		{"${env:NONE:-}", ""},
		{"${env:EMPTY}", ""},
		{"${env:EMPTY:-d}", "d"},
		{"${env:NONE:-a:b-c}", "a:b-c"},
		{"$${env:A}", "${env:A}"},
		{"a$${b ${env:A}", "a${b 1"},
		{"$ {x}", "$ {x}"},
		{"${file:f}", "content"},
	}
	for _, c := range cases {
		var found Findings
		n := &Node{Text: c.text}
		r := &references{
			b: &binder{fs: &found}, fsys: fstest.MapFS{"f": {Data: []byte("content\n")}},
			env: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		}
		r.expand(n)
		if n.Text != c.want || len(found) > 0 {
			t.Errorf("%s: got %q, findings %v", c.text, n.Text, found)
		}
		if want := !strings.HasPrefix(c.text, "$${") && c.text != "$ {x}"; n.secret != want {
			t.Errorf("%s: secret is %v", c.text, n.secret)
		}
	}
}

func TestValues(t *testing.T) {
	sizes := map[string]int64{"0B": 0, "512B": 512, "64KiB": 65536, "1MiB": 1 << 20, "2GiB": 2 << 30, "3kB": 3000, "1MB": 1e6, "5 KiB": 5120}
	for s, want := range sizes {
		if got, ok := parseSize(s); !ok || got != want {
			t.Errorf("size %s: %d, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "1", "KiB", "-1B", "1.5MiB", "01B", "99999999999B", "1TiB", "1kib"} {
		if got, ok := parseSize(s); ok {
			t.Errorf("size %q is taken for %d", s, got)
		}
	}
	for _, s := range []string{"", "1", "-1s", "+1s", "s", "1d", "1 s", "0x1s"} {
		if got, ok := parseDuration(s); ok {
			t.Errorf("duration %q is taken for %s", s, got)
		}
	}
	for _, s := range []string{"", "-", "01", "1.0", "1e3", "0x1", "+1", "1234567890123456789", "１"} {
		if got, ok := parseInteger(s); ok {
			t.Errorf("integer %q is taken for %d", s, got)
		}
	}
	for s, want := range map[string]int{"50%": 50, "1 %": 1, "999999%": 1001} {
		if got, ok := parsePercent(s); !ok || got != want {
			t.Errorf("percentage %s: %d, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "%", "50", "5.5%", "050%"} {
		if _, ok := parsePercent(s); ok {
			t.Errorf("percentage %q is accepted", s)
		}
	}
}

func TestSuggest(t *testing.T) {
	words := []string{"backend", "breaker", "timeout", "record"}
	for got, want := range map[string]string{"backnd": "backend", "Timeout": "timeout", "recodr": "record", "xyz": "", "": "", "brekaer": "breaker"} {
		if s := suggest(got, words); s != want {
			t.Errorf("suggest(%q) = %q, want %q", got, s, want)
		}
	}
}

// TestContractInFolder reads a contract that does not lie at the root and refers to files beside it.
func TestContractInFolder(t *testing.T) {
	fsys := base(t)
	fsys["api/v1/openapi.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(string(fsys["openapi.yaml"].Data), "#/components/schemas/Account", "../schemas.yaml#/Account", 1))}
	fsys["api/schemas.yaml"] = &fstest.MapFile{Data: []byte("Account: {type: object, properties: {id: {type: string}}}\n")}
	fsys["lintel.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(string(fsys["lintel.yaml"].Data), "openapi.yaml", "api/v1/openapi.yaml", 1))}
	delete(fsys, "openapi.yaml")
	ws, found := LoadFS("test", fsys, noEnv)
	if len(found) > 0 {
		t.Fatalf("findings:\n%s", printFindings(found))
	}
	if s := ws.Contract.Operation("getAccount").Response("200").Content[0].Schema; s.Pos.File != "api/schemas.yaml" {
		t.Errorf("schema at %s", s.Pos)
	}
}

func BenchmarkLoad(b *testing.B) {
	fsys := base(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, found := LoadFS("bench", fsys, noEnv); len(found) > 0 {
			b.Fatal(found)
		}
	}
}
