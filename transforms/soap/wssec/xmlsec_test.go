// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// needXMLSec skips, loudly, where xmlsec1 is not there; with LINTEL_REQUIRE_PEERS=1 it fails.
func needXMLSec(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts other programs")
	}
	if out, err := exec.Command("../../../scripts/peers/xmlsec.sh").CombinedOutput(); err != nil {
		missingPeer(t, "xmlsec1 is missing: "+err.Error()+"\n"+string(out))
	}
}

// pemFiles writes certificate and key of a party.
func pemFiles(t testing.TB, name string) (cert, key string) {
	t.Helper()
	p := who(name)
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	return pemFile(t, "CERTIFICATE", p.cert.Raw), pemFile(t, "PRIVATE KEY", der)
}

func pemFile(t testing.TB, sort string, der []byte) string {
	t.Helper()
	return writeFile(t, string(pem.EncodeToMemory(&pem.Block{Type: sort, Bytes: der})))
}

func writeFile(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// xmlsec runs xmlsec1 on a document and returns what it wrote.
func xmlsec(t testing.TB, doc string, args ...string) (string, error) {
	t.Helper()
	out := writeFile(t, "")
	for _, name := range []string{"Body", "Timestamp", "UsernameToken", "BinarySecurityToken", "Session"} {
		args = append(args, "--id-attr:Id", name)
	}
	text, err := exec.Command("xmlsec1", append(args, "--output", out, writeFile(t, doc))...).CombinedOutput() //nolint:gosec // arguments of the test
	if err != nil {
		return string(text), err
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), nil
}

// TestXMLSecVerifies: xmlsec1 verifies what is signed here, and nothing that was changed after that.
func TestXMLSecVerifies(t *testing.T) {
	needXMLSec(t)
	for _, signer := range []string{"gateway", "curve"} {
		o := everything("gateway", "host")
		o.Encrypt, o.Sign = nil, &Sign{Certificate: who(signer).cert, Key: who(signer).key}
		cert, _ := pemFiles(t, signer)
		for _, msg := range []string{message, strings.ReplaceAll(message, nsSOAP11, nsSOAP12)} {
			sealed := seal(t, o, msg)
			if out, err := xmlsec(t, sealed, "--verify", "--enabled-key-data", "x509", "--pubkey-cert-pem", cert); err != nil {
				t.Errorf("%s: %v\n%s\n%s", signer, err, out, sealed)
			}
			for _, change := range [][2]string{{">A1<", ">A2<"}, {"S &amp; 1", "S &amp; 2"}, {"2026-05-06T07:13", "2026-05-06T07:14"}, {`"urn:names"`, `"urn:other"`}, {"LINTEL", "ANYONE"}} {
				if out, err := xmlsec(t, strings.Replace(sealed, change[0], change[1], 1), "--verify", "--enabled-key-data", "x509", "--pubkey-cert-pem", cert); err == nil {
					t.Errorf("%s: changed and verified: %v\n%s", signer, change, out)
				}
			}
		}
	}
}

// hostTemplate is a reply that xmlsec1 signs.
const hostTemplate = `<?xml version="1.0"?>
<env:Envelope xmlns:env="` + nsSOAP11 + `" xmlns:w="` + nsWSU + `" xmlns:t='urn:names'>
 <env:Header><o:Security xmlns:o="` + nsWSSE + `" env:mustUnderstand="1">
  <w:Timestamp w:Id="T-1"><w:Created>2026-05-06T07:08:00Z</w:Created><w:Expires>2026-05-06T07:13:00Z</w:Expires></w:Timestamp>
  <o:BinarySecurityToken w:Id="X-1" ValueType="` + x509v3 + `">CERT</o:BinarySecurityToken>
  <Signature xmlns="` + nsDSig + `"><SignedInfo><CanonicalizationMethod Algorithm="` + excC14N + `"/><SignatureMethod Algorithm="ALG"/>
   <Reference URI="#B-1"><Transforms><Transform Algorithm="` + excC14N + `"><c:InclusiveNamespaces xmlns:c="` + excC14N + `" PrefixList="t #default env"/></Transform></Transforms>
    <DigestMethod Algorithm="` + algSHA256 + `"/><DigestValue/></Reference>
   <Reference URI="#T-1"><Transforms><Transform Algorithm="` + enveloped + `"/><Transform Algorithm="` + excC14N + `"/></Transforms>
    <DigestMethod Algorithm="` + algSHA512 + `"/><DigestValue/></Reference>
  </SignedInfo><SignatureValue/><KeyInfo>KEYINFO</KeyInfo></Signature>
 </o:Security></env:Header>
 <env:Body w:Id='B-1'>
  <!-- hello --><t:GetNameResponse z='1' a="&#9;&lt;"><Name>An<!-- x -->na &amp; <![CDATA[<B>]]></Name>
  </t:GetNameResponse></env:Body></env:Envelope>`

// keyInfos are the ways in which hosts name their certificate.
func keyInfos(p *party) map[string]string {
	wrap := func(b []byte) string { return string(b) }
	return map[string]string{
		"token":         `<o:SecurityTokenReference><o:Reference URI="#X-1"/></o:SecurityTokenReference>`,
		"issuer":        wrap(appendReference(nil, p.cert, ByIssuer, "")),
		"keyIdentifier": wrap(appendReference(nil, p.cert, ByKeyIdentifier, "")),
		"thumbprint":    wrap(appendReference(nil, p.cert, ByThumbprint, "")),
	}
}

// signedByXMLSec is the template signed by a party.
func signedByXMLSec(t testing.TB, signer, algorithm, keyInfo string) string {
	t.Helper()
	cert, key := pemFiles(t, signer)
	doc := strings.NewReplacer("CERT", token(who(signer)), "ALG", algorithm, "KEYINFO", keyInfo).Replace(hostTemplate)
	out, err := xmlsec(t, doc, "--sign", "--privkey-pem", key+","+cert)
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return out
}

func token(p *party) string {
	_, rest, _ := strings.Cut(string(appendToken(nil, p.cert, "")), ">")
	text, _, _ := strings.Cut(rest, "<")
	return text
}

// TestXMLSecSigns: what xmlsec1 signs is verified here, whatever it names its certificate by.
func TestXMLSecSigns(t *testing.T) {
	needXMLSec(t)
	for _, tt := range [][2]string{{"host", rsaSHA256}, {"host", rsaSHA384}, {"host", rsaSHA512}, {"curve", ecdsaSHA256}} {
		for name, info := range keyInfos(who(tt[0])) {
			o := Options{Reply: Reply{Signers: []*x509.Certificate{who(tt[0]).cert}, Timestamp: 5 * time.Minute}}
			got, err := policy(t, o).Open([]byte(signedByXMLSec(t, tt[0], tt[1], info)), inputs())
			if err != nil {
				t.Errorf("%s by %s: %v", tt[1], name, err)
				continue
			}
			if want := "<Name>Anna &amp; &lt;B&gt;</Name>"; !strings.Contains(string(got.Message), want) {
				t.Errorf("%s: %s does not hold %s", name, got.Message, want)
			}
		}
	}
}

// inline puts the key of an encrypted body into it, where xmlsec1 looks for it, and out of the header.
func inline(t testing.TB, sealed string) string {
	t.Helper()
	key := regexp.MustCompile(`(?s)<xenc:EncryptedKey .*?</xenc:EncryptedKey>`).FindString(sealed)
	str := regexp.MustCompile(`(?s)<wsse:SecurityTokenReference xmlns:wsse="[^"]*"><wsse:Reference URI="#[^"]*-key"/></wsse:SecurityTokenReference>`).FindString(sealed)
	if key == "" || str == "" {
		t.Fatal(sealed)
	}
	return strings.Replace(strings.Replace(sealed, key, "", 1), str, key, 1)
}

// TestXMLSecDecrypts: xmlsec1 decrypts what is encrypted here, and then still verifies it.
func TestXMLSecDecrypts(t *testing.T) {
	needXMLSec(t)
	for _, cipher := range []string{"aes128-gcm", "aes256-gcm", "aes128-cbc", "aes256-cbc"} {
		o := everything("gateway", "host")
		o.Encrypt.Cipher = cipher
		_, key := pemFiles(t, "host")
		sealed := seal(t, o, message)
		if strings.Contains(sealed, "GetName") {
			t.Fatal("the body stands there")
		}
		plain, err := xmlsec(t, inline(t, sealed), "--decrypt", "--privkey-pem", key)
		if err != nil || bodyOf(t, []byte(plain)) != bodyOf(t, []byte(message)) {
			t.Errorf("%s: %v %s", cipher, err, plain)
			continue
		}
		cert, _ := pemFiles(t, "gateway")
		if out, err := xmlsec(t, plain, "--verify", "--enabled-key-data", "x509", "--pubkey-cert-pem", cert); err != nil {
			t.Errorf("%s: %v %s", cipher, err, out)
		}
	}
}

// TestXMLSecEncrypts: what xmlsec1 encrypts is decrypted here.
func TestXMLSecEncrypts(t *testing.T) {
	needXMLSec(t)
	cert, _ := pemFiles(t, "gateway")
	for _, cipher := range []struct{ algorithm, key string }{{aes128GCM, "aes-128"}, {aes256GCM, "aes-256"}, {aes128CBC, "aes-128"}, {aes256CBC, "aes-256"}} {
		template := `<EncryptedData xmlns="` + nsEnc + `" Id="D" Type="` + typeContent + `"><EncryptionMethod Algorithm="` + cipher.algorithm + `"/><KeyInfo xmlns="` + nsDSig +
			`"><EncryptedKey xmlns="` + nsEnc + `" Id="K"><EncryptionMethod Algorithm="` + rsaOAEP + `"/><KeyInfo xmlns="` + nsDSig + `"/><CipherData><CipherValue/></CipherData><ReferenceList><DataReference URI="#D"/></ReferenceList></EncryptedKey></KeyInfo><CipherData><CipherValue/></CipherData></EncryptedData>`
		plain := strings.Replace(message, "<soap:Body>", `<soap:Body Id="B">`, 1)
		out := writeFile(t, "")
		text, err := exec.Command("xmlsec1", "--encrypt", "--pubkey-cert-pem", cert, "--session-key", cipher.key, "--xml-data", writeFile(t, plain), "--node-id", "B", "--id-attr:Id", "Body", "--output", out, writeFile(t, template)).CombinedOutput() //nolint:gosec // arguments of the test
		if err != nil {
			t.Fatalf("%v %s", err, text)
		}
		b, _ := os.ReadFile(out)
		key := regexp.MustCompile(`(?s)<EncryptedKey .*?</EncryptedKey>`).FindString(string(b))
		sealed := strings.Replace(strings.Replace(string(b), key, "", 1), "<soap:Header>", `<soap:Header><o:Security xmlns:o="`+nsWSSE+`">`+key+`</o:Security>`, 1)
		o := Options{Reply: Reply{Decrypt: []*rsa.PrivateKey{who("gateway").rsa()}, CBC: true}}
		got, err := policy(t, o).Open([]byte(sealed), inputs())
		if err != nil || strings.Replace(bodyOf(t, got.Message), ` Id="B"`, "", 1) != bodyOf(t, []byte(message)) {
			t.Errorf("%s: %v\n%s", cipher.algorithm, err, sealed)
		}
	}
}
