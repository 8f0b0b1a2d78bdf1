// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"embed"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// now is when the tests take place.
func now() time.Time { return time.Date(2026, 5, 6, 7, 8, 9, 123e6, time.UTC) }

// party is one side with its certificate.
type party struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func (p *party) rsa() *rsa.PrivateKey { k, _ := p.key.(*rsa.PrivateKey); return k }

//go:embed testdata/keys/*.pem
var keys embed.FS

// key reads a key that was made for tests, so that all processes of a fuzz target have the same.
func key(name string) crypto.Signer {
	src, err := keys.ReadFile("testdata/keys/" + name + ".pem")
	if err != nil {
		panic(err)
	}
	block, _ := pem.Decode(src)
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		panic(err)
	}
	s, _ := k.(crypto.Signer)
	return s
}

// parties are made once.
var parties = sync.OnceValue(func() map[string]*party {
	ca := issue("authority", nil, func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	})
	return map[string]*party{
		"authority": ca, "gateway": issue("gateway", nil, nil), "host": issue("host", ca, nil), "curve": issue("curve", nil, nil),
		"stranger": issue("stranger", nil, func(c *x509.Certificate) { c.Subject.CommonName, c.SubjectKeyId = "host", []byte("host-key") }),
		"expired":  issue("expired", ca, func(c *x509.Certificate) { c.NotAfter = now().Add(-time.Hour) }),
	}
})

// issue makes a certificate; without an issuer it is its own.
func issue(name string, by *party, edit func(*x509.Certificate)) *party {
	k := key(name)
	c := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes([]byte(name)), Subject: pkix.Name{CommonName: name, Organization: []string{"Müller & Söhne, <AG>"}},
		NotBefore: now().Add(-24 * time.Hour), NotAfter: now().Add(24 * time.Hour), SubjectKeyId: []byte(name + "-key"),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if edit != nil {
		edit(c)
	}
	parent, signer := c, k
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, k.Public(), signer)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return &party{cert, k}
}

func who(name string) *party { return parties()[name] }

// inputs are the same for every message of a test.
func inputs() Inputs {
	return Inputs{Now: now(), Random: mathrand.NewChaCha8([32]byte{1, 2, 3})}
}

const message = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:n1="urn:names">` +
	`<soap:Header><n1:Session>S &amp; 1</n1:Session></soap:Header><soap:Body><n1:GetName xsi:type="n1:Special"><ID>A1</ID><n1:Note>ä &lt; "b"</n1:Note></n1:GetName></soap:Body></soap:Envelope>`

// everything is a policy of one side that the other accepts: "gateway" sends, "host" receives.
func everything(from, to string) Options {
	f, t := who(from), who(to)
	return Options{
		Username: &Username{Name: "LINTEL <1>", Password: "pass & word", Digest: true}, Timestamp: 5 * time.Minute,
		Sign: &Sign{Certificate: f.cert, Key: f.key}, Encrypt: &Encrypt{Certificate: t.cert},
		Reply: Reply{Signers: []*x509.Certificate{t.cert}, Decrypt: []*rsa.PrivateKey{f.rsa()}, Timestamp: 5 * time.Minute, Skew: time.Minute},
	}
}

func policy(t testing.TB, o Options) *Policy {
	t.Helper()
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func seal(t testing.TB, o Options, msg string) string {
	t.Helper()
	out, err := policy(t, o).Seal([]byte(msg), inputs())
	if err != nil {
		t.Fatal(err)
	}
	return string(out.Message)
}

// TestRoundTrip: what one side secures the other takes, in every combination of key, reference, cipher and
// form of the envelope, and reads what was written.
func TestRoundTrip(t *testing.T) {
	forms := map[string]string{
		"header": message, "no header": strings.Replace(message, `<soap:Header><n1:Session>S &amp; 1</n1:Session></soap:Header>`, "", 1),
		"empty header": strings.Replace(message, `<n1:Session>S &amp; 1</n1:Session></soap:Header>`, "</soap:Header>", 1),
		"closed":       `<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"><Header/><Body/></Envelope>`,
		"spread out":   "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' >\n <s:Body >\n <a xmlns='urn:a' b='c'/>\n</s:Body >\n</s:Envelope>",
	}
	for name, msg := range forms {
		for _, signer := range []string{"host", "curve"} {
			for _, ref := range []Reference{ByToken, ByIssuer, ByKeyIdentifier, ByThumbprint} {
				for _, cipher := range []string{"", "aes256-gcm", "aes128-gcm", "aes256-cbc", "aes128-cbc"} {
					o := everything(signer, "gateway")
					o.Sign.Reference = ref
					if o.Encrypt.Cipher = cipher; cipher == "" {
						o.Encrypt = nil
					}
					receiver := Options{Reply: everything("gateway", "host").Reply}
					receiver.Reply.Signers = []*x509.Certificate{who(signer).cert}
					receiver.Reply.CBC = strings.HasSuffix(cipher, "cbc")
					if cipher == "" {
						receiver.Reply.Decrypt = nil
					}
					got, err := policy(t, receiver).Open([]byte(seal(t, o, msg)), inputs())
					if err != nil {
						t.Errorf("%s, %s by %s, %q: %v\n%s", name, signer, ref, cipher, err, seal(t, o, msg))
						continue
					}
					if body := bodyOf(t, got.Message); body != bodyOf(t, []byte(msg)) {
						t.Errorf("%s: %s, want %s", name, body, bodyOf(t, []byte(msg)))
					}
				}
			}
		}
	}
}

// bodyOf is the canonical body of an envelope, without the identifier that signing adds.
func bodyOf(t testing.TB, envelope []byte) string {
	t.Helper()
	d, err := parse(envelope, "")
	if err != nil {
		t.Fatalf("%v\n%s", err, envelope)
	}
	forms, err := d.canonical([]int{d.body.begin}, [][]string{nil}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text := string(forms[0])
	if d.body.wsu {
		text = strings.Replace(strings.Replace(text, ` wsu:Id="`+d.body.id+`"`, "", 1), ` xmlns:wsu="`+nsWSU+`"`, "", 1)
	}
	return text
}

// TestPure: the same input gives the same bytes.
func TestPure(t *testing.T) {
	for _, o := range []Options{everything("gateway", "host"), everything("curve", "host")} {
		if a, b := seal(t, o, message), seal(t, o, message); a != b {
			t.Errorf("%s\n%s", a, b)
		}
	}
}

// TestUsername: both forms of a password, by the rule of the profile.
func TestUsername(t *testing.T) {
	got := seal(t, Options{Username: &Username{Name: "a<b", Password: "p&q"}, Optional: true}, message)
	nonce := base64.StdEncoding.EncodeToString(randomBytes(32)[16:])
	want := `<wsse:Security xmlns:wsse="` + nsWSSE + `" xmlns:wsu="` + nsWSU + `"><wsse:UsernameToken wsu:Id="id-` + fmt.Sprintf("%x", randomBytes(16)) +
		`-username"><wsse:Username>a&lt;b</wsse:Username><wsse:Password Type="` + passwordText + `">p&amp;q</wsse:Password><wsse:Nonce EncodingType="` + base64Binary + `">` +
		nonce + `</wsse:Nonce><wsu:Created>2026-05-06T07:08:09.123Z</wsu:Created></wsse:UsernameToken></wsse:Security>`
	if diff := cmp.Diff(strings.Replace(message, "<soap:Header>", "<soap:Header>"+want, 1), got); diff != "" {
		t.Error(diff)
	}
	got = seal(t, Options{Username: &Username{Name: "a", Password: "p&q", Digest: true}, Actor: "urn:x"}, message)
	sum := sha1.Sum(append(randomBytes(32)[16:], "2026-05-06T07:08:09.123Zp&q"...))
	for _, w := range []string{`<wsse:Password Type="` + passwordDigest + `">` + base64.StdEncoding.EncodeToString(sum[:]) + `</wsse:Password>`, ` s:mustUnderstand="1" s:actor="urn:x">`} {
		if !strings.Contains(got, w) {
			t.Errorf("%s does not hold %s", got, w)
		}
	}
	if strings.Contains(got, "p&amp;q") {
		t.Error("the password stands in the message")
	}
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = inputs().Random.Read(b)
	return b
}

// TestWhatIsRead: of a signed reply only what is signed is left.
func TestWhatIsRead(t *testing.T) {
	o := everything("host", "gateway")
	o.Encrypt, o.Sign.Parts = nil, []string{PartBody, PartTimestamp}
	receiver := everything("gateway", "host")
	receiver.Reply.Decrypt = nil
	got, err := policy(t, receiver).Open([]byte(seal(t, o, message)), inputs())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(got.Message, []byte("Session")) || bytes.Contains(got.Message, []byte("Security")) {
		t.Errorf("%s", got.Message)
	}
	o.Sign.Parts = nil
	if got, err = policy(t, receiver).Open([]byte(seal(t, o, message)), inputs()); err != nil || !bytes.Contains(got.Message, []byte("S &amp; 1</n1:Session>")) {
		t.Errorf("%s %v", got.Message, err)
	}
}

// confirming is a signed reply of the host with one more part in its security header, which is signed, too, if it has
// the identifier c.
func confirming(t *testing.T, part string) string {
	t.Helper()
	o := everything("host", "gateway")
	o.Encrypt, o.Username = nil, nil
	s := &sealing{Policy: policy(t, o), in: inputs(), now: now().Format(timeForm), base: "id", ids: []string{"c"}}
	if err := errors.Join(s.read([]byte(message)), s.writeTokens(), s.nameParts()); err != nil {
		t.Fatal(err)
	}
	s.tokens = append(s.tokens, part...)
	signature, err := s.sign(s.compose(nil, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	return string(s.compose(nil, signature, nil))
}

// TestConfirmation: a reply confirms the signature of its request, signed and once, or is refused.
func TestConfirmation(t *testing.T) {
	o := trusting()
	o.Sign, o.Reply.Confirmed = everything("gateway", "host").Sign, true
	const one = `<wsse11:SignatureConfirmation xmlns:wsse11="` + nsWSSE11 + `" wsu:Id="c" Value="c2ln"/>`
	for name, tt := range map[string]struct {
		blocks, signature, change string
		good                      bool
	}{
		"good":           {one, "c2ln", "", true},
		"another":        {one, "c2lo", "", false},
		"none":           {"", "c2ln", "", false},
		"no signature":   {one, "", "", false},
		"one beside it":  {one, "c2ln", `<wsse11:SignatureConfirmation xmlns:wsse11="` + nsWSSE11 + `" Value="c2lo"/>`, false},
		"not signed":     {"", "c2ln", one, false},
		"without value":  {`<wsse11:SignatureConfirmation xmlns:wsse11="` + nsWSSE11 + `" wsu:Id="c"/>`, "", "", false},
		"of another one": {strings.Replace(one, "wsse11:SignatureConfirmation", "wsse11:SignatureConfirmations", 1), "c2ln", "", false},
	} {
		reply := confirming(t, tt.blocks)
		if tt.change != "" {
			reply = strings.Replace(reply, "</wsse:Security>", tt.change+"</wsse:Security>", 1)
		}
		in := inputs()
		in.Signature = tt.signature
		if _, err := policy(t, o).Open([]byte(reply), in); (err == nil) != tt.good {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.Sign = nil
	if _, err := New(o); err == nil {
		t.Error("a reply can confirm what no request has")
	}
}
