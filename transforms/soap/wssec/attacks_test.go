// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"
)

// signed is a reply of the host with a signature over body and timestamp, in its pieces.
type signed struct{ whole, envelope, header, security, timestamp, signature, body, id string }

func signedReply(t testing.TB) *signed {
	t.Helper()
	o := everything("host", "gateway")
	o.Encrypt, o.Username, o.Sign.Parts = nil, nil, []string{PartBody, PartTimestamp}
	s := &signed{whole: seal(t, o, strings.Replace(message, `<soap:Header><n1:Session>S &amp; 1</n1:Session></soap:Header>`, "", 1))}
	s.whole = s.whole[strings.Index(s.whole, "<soap:Envelope"):]
	piece := func(from, to string) string {
		i, j := strings.Index(s.whole, from), strings.Index(s.whole, to)
		if i < 0 || j < 0 {
			t.Fatal(s.whole)
		}
		return s.whole[i : j+len(to)]
	}
	s.envelope = piece("<soap:Envelope", ">")
	s.header, s.security = piece("<soap:Header>", "</soap:Header>"), piece("<wsse:Security", "</wsse:Security>")
	s.timestamp, s.signature = piece("<wsu:Timestamp", "</wsu:Timestamp>"), piece("<ds:Signature ", "</ds:Signature>")
	s.body = piece("<soap:Body", "</soap:Body>")
	_, rest, _ := strings.Cut(s.body, `wsu:Id="`)
	s.id, _, _ = strings.Cut(rest, `"`)
	return s
}

// with is the reply with something else in the place of a piece.
func (s *signed) with(changes ...string) string {
	out := s.whole
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(out, changes[i]) {
			panic("the reply does not hold " + changes[i])
		}
		out = strings.Replace(out, changes[i], changes[i+1], 1)
	}
	return out
}

// trusting is what the gateway demands of it.
func trusting() Options {
	o := everything("gateway", "host")
	o.Reply.Decrypt = nil
	return Options{Reply: o.Reply}
}

const evil = `<n1:GetName><ID>evil</ID></n1:GetName>`

// wrappings are the attacks of the set XSW1 to XSW8 (Somorovsky et al., On Breaking SAML), for a signed body
// in the place of a signed assertion. body is the forged one.
func wrappings(s *signed, body string) map[string]string {
	forged := s.envelope + s.header + body + `</soap:Envelope>`
	inSignature := func(x string) string { return strings.Replace(s.signature, "</ds:Signature>", x+"</ds:Signature>", 1) }
	bare := strings.Replace(s.whole, s.signature, "", 1)
	return map[string]string{
		"XSW1: the original envelope in the signature of a forged one":       strings.Replace(forged, s.signature, inSignature(bare), 1),
		"XSW2: the original envelope before the signature of a forged one":   strings.Replace(forged, "<soap:Header>", "<soap:Header>"+bare, 1),
		"XSW3: a forged body before the original one":                        s.with(s.body, body+s.body),
		"XSW3: a forged body behind the original one":                        s.with(s.body, s.body+body),
		"XSW4: the original body in a forged one":                            s.with(s.body, strings.Replace(body, "</soap:Body>", s.body+"</soap:Body>", 1)),
		"XSW5: a changed body and the original one at the end of the header": s.with(s.body, body, "</soap:Header>", s.body+"</soap:Header>"),
		"XSW6: a changed body and the original one in the signature":         s.with(s.body, body, s.signature, inSignature(s.body)),
		"XSW7: the original body in an extension of the header":              s.with(s.body, body, "<soap:Header>", "<soap:Header><x:Extensions xmlns:x='urn:x'>"+s.body+"</x:Extensions>"),
		"XSW8: the original body in an object of the signature":              s.with(s.body, body, s.signature, inSignature("<ds:Object>"+s.body+"</ds:Object>")),
		"the original body in the security header":                           s.with(s.body, body, s.signature, s.body+s.signature),
		"the original body behind the forged one":                            s.with(s.body, body+"<x:x xmlns:x='urn:x'>"+s.body+"</x:x>"),
	}
}

// TestX13Wrapping: a signature never speaks for another body than the one it is over, wherever the signed
// one was moved to, and whatever the forged one calls itself.
func TestX13Wrapping(t *testing.T) {
	s := signedReply(t)
	p := policy(t, trusting())
	if _, err := p.Open([]byte(s.whole), inputs()); err != nil {
		t.Fatal(err)
	}
	for id, body := range map[string]string{
		"without an identifier": `<soap:Body>` + evil + `</soap:Body>`,
		"with another":          `<soap:Body xmlns:wsu="` + nsWSU + `" wsu:Id="other">` + evil + `</soap:Body>`,
		"with the same":         `<soap:Body xmlns:wsu="` + nsWSU + `" wsu:Id="` + s.id + `">` + evil + `</soap:Body>`,
		"with the same as Id":   `<soap:Body Id="` + s.id + `">` + evil + `</soap:Body>`,
		"with the same as ID":   `<soap:Body ID="` + s.id + `">` + evil + `</soap:Body>`,
		"written differently":   `<soap:Body xmlns:wsu="` + nsWSU + `" wsu:Id="&#` + "105;" + s.id[1:] + `">` + evil + `</soap:Body>`,
		"with xml:id":           `<soap:Body xml:id="` + s.id + `">` + evil + `</soap:Body>`,
		"with two":              `<soap:Body xmlns:wsu="` + nsWSU + `" Id="` + s.id + `" wsu:Id="other">` + evil + `</soap:Body>`,
	} {
		for name, attack := range wrappings(s, body) {
			got, err := p.Open([]byte(attack), inputs())
			var refusal *Error
			if !errors.As(err, &refusal) {
				t.Errorf("%s, %s: taken: %v %v", name, id, got, err)
			}
		}
	}
}

// TestRefused: each of these is no reply, and what was wrong is told without any of its content.
func TestRefused(t *testing.T) {
	s := signedReply(t)
	fresh := `<wsu:Timestamp><wsu:Created>2026-05-06T07:08:09Z</wsu:Created></wsu:Timestamp>`
	resigned := func(edit func(*Options)) string {
		o := everything("host", "gateway")
		o.Encrypt = nil
		edit(&o)
		return seal(t, o, message)
	}
	at := func(offset time.Duration) Inputs { in := inputs(); in.Now = in.Now.Add(offset); return in }
	for _, tt := range []struct {
		name, reply string
		in          Inputs
		edit        func(*Reply)
		want        string
	}{
		{name: "not signed", reply: message, want: "the reply is not signed"},
		{name: "signature taken away", reply: s.with(s.signature, ""), want: "the reply is not signed"},
		{name: "text changed", reply: s.with(">A1<", ">A2<"), want: "what is signed was changed"},
		{name: "namespace of an element", reply: s.with(`"urn:names"`, `"urn:evil"`), want: "what is signed was changed"},
		{name: "namespace of a value", reply: s.with(`<n1:GetName`, `<n1:GetName xmlns:n1="urn:names"`, `xmlns:n1="urn:names">`, `xmlns:n1="urn:evil">`), want: "what is signed was changed"},
		{name: "comment that cuts a text", reply: s.with(`"b"`, `"b"<!-- --> or more`), want: "what is signed was changed"},
		{name: "digest changed", reply: s.with("<ds:DigestValue>", "<ds:DigestValue>AAAA"), want: "the signature is wrong"},
		{name: "value of the signature", reply: s.with("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"), want: "the signature is wrong"},
		{name: "two signatures", reply: s.with(s.signature, s.signature+s.signature), want: "the reply has two signatures"},
		{name: "two security headers", reply: s.with("</soap:Header>", `<wsse:Security xmlns:wsse="`+nsWSSE+`"/></soap:Header>`), want: "the envelope has two security headers"},
		{name: "security header of another", reply: s.with("<wsse:Security ", `<wsse:Security s:actor="urn:other" `), want: "the reply is not signed"},
		{name: "another key of the same name", reply: resigned(func(o *Options) { o.Sign = &Sign{Certificate: who("stranger").cert, Key: who("stranger").key} }), want: "the signer is not trusted"},
		{name: "key that is not ours to know", reply: resigned(func(o *Options) {
			o.Sign = &Sign{Certificate: who("stranger").cert, Key: who("stranger").key, Reference: ByIssuer}
		}), want: "the signature names no certificate that is known"},
		{name: "certificate exchanged", reply: s.with(token(who("host")), token(who("stranger"))), want: "the signer is not trusted"},
		{name: "certificate that is none", reply: s.with(token(who("host")), "AAAA"), want: "the signature names no certificate that is known"},
		{name: "expired certificate", reply: resigned(func(o *Options) { o.Sign = &Sign{Certificate: who("expired").cert, Key: who("expired").key} }), want: "the certificate of the signer is not valid at this time"},
		{name: "expired certificate that is listed", reply: resigned(func(o *Options) { o.Sign = &Sign{Certificate: who("expired").cert, Key: who("expired").key} }), edit: func(r *Reply) { r.Signers = append(r.Signers, who("expired").cert) }, want: "the certificate of the signer is not valid at this time"},
		{name: "body not signed", reply: resigned(func(o *Options) { o.Sign.Parts = []string{PartTimestamp, PartHeaders} }), want: "the body of the reply is not signed"},
		{name: "timestamp not signed", reply: resigned(func(o *Options) { o.Sign.Parts = []string{PartBody} }), want: "the reply has no timestamp that is signed"},
		{name: "no timestamp", reply: resigned(func(o *Options) { o.Timestamp = 0 }), want: "the reply has no timestamp that is signed"},
		{name: "timestamp moved, a fresh one in its place", reply: s.with(s.timestamp, fresh+"<x:x xmlns:x='urn:x'>"+s.timestamp+"</x:x>"), want: "the signature is over something that is not read"},
		{name: "a fresh timestamp beside it", reply: s.with(s.timestamp, fresh+s.timestamp), in: at(10 * time.Minute), want: "the reply is too old"},
		{name: "too old", reply: s.whole, in: at(6 * time.Minute), want: "the reply is too old"},
		{name: "from the future", reply: s.whole, in: at(-2 * time.Minute), want: "the reply was created in the future"},
		{name: "SHA-1 in a signature", reply: s.with(rsaSHA256, rsaSHA1), want: "the signature is made by an algorithm that is not taken"},
		{name: "SHA-1 in a digest", reply: s.with(`DigestMethod Algorithm="`+algSHA256, `DigestMethod Algorithm="`+algSHA1), want: "a digest is made by an algorithm that is not taken"},
		{name: "HMAC", reply: s.with(rsaSHA256, nsDSig+"hmac-sha1"), want: "the signature is made by an algorithm that is not taken"},
		{name: "ECDSA for an RSA key", reply: s.with(rsaSHA256, ecdsaSHA256), want: "the signature is wrong"},
		{name: "inclusive form of the signature", reply: s.with(`CanonicalizationMethod Algorithm="`+excC14N, `CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315`), want: "the signature is over another form than the exclusive canonical one"},
		{name: "form with comments", reply: s.with(`<ds:Transform Algorithm="`+excC14N, `<ds:Transform Algorithm="`+excC14N+"WithComments"), want: "the signature is over a transformed part: only the exclusive canonical form is taken"},
		{name: "XPath", reply: s.with(`<ds:Transforms>`, `<ds:Transforms><ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"/>`), want: "the signature is over a transformed part: only the exclusive canonical form is taken"},
		{name: "XSLT", reply: s.with(`<ds:Transform Algorithm="`+excC14N, `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116`), want: "the signature is over a transformed part: only the exclusive canonical form is taken"},
		{name: "transform of a token reference", reply: s.with(`<ds:Transform Algorithm="`+excC14N, `<ds:Transform Algorithm="`+oasis+`soap-message-security-1.0#STR-Transform`), want: "the signature is over a transformed part: only the exclusive canonical form is taken"},
		{name: "whole document", reply: s.with(`URI="#`, `URI="`, s.id[:8], ""), want: "the signature is over something that is not named by an identifier"},
		{name: "something elsewhere", reply: s.with(`URI="#`, `URI="http://example.com/#`), want: "the signature is over something that is not named by an identifier"},
		{name: "object", reply: s.with("</ds:Signature>", "<ds:Object/></ds:Signature>"), want: "the signature is malformed"},
		{name: "document type", reply: `<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + s.whole, want: "the message is not the XML that is read here: offset 0: a document type declaration"},
		{name: "entity", reply: s.with(">A1<", ">&e;<"), want: "an entity that XML does not have by itself"},
		{name: "processing instruction", reply: s.with(">A1<", "><?e?>A1<"), want: "a processing instruction"},
		{name: "no envelope", reply: `<html/>`, want: "the message is no SOAP envelope"},
		{name: "text in the header", reply: s.with("<soap:Header>", "<soap:Header>x"), want: "text stands between the elements of the envelope"},
		{name: "encrypted without a key", reply: seal(t, everything("host", "gateway"), message), edit: func(r *Reply) { r.Decrypt = nil }, want: "the reply is encrypted, and there is no key for it"},
		{name: "not encrypted", reply: s.whole, edit: func(r *Reply) { r.Decrypt = []*rsa.PrivateKey{who("gateway").rsa()} }, want: "the body of the reply is not encrypted"},
		{name: "encrypted for another", reply: seal(t, everything("host", "authority"), message), edit: func(r *Reply) { r.Decrypt = []*rsa.PrivateKey{who("gateway").rsa()} }, want: "what is encrypted cannot be decrypted"},
		{name: "fault that is not signed", reply: strings.Replace(s.with(s.signature, ""), "n1:GetName", "soap:Fault", 2), want: "the reply is not signed"},
	} {
		o := trusting()
		if tt.edit != nil {
			tt.edit(&o.Reply)
		}
		if tt.in.Now.IsZero() {
			tt.in = inputs()
		}
		got, err := policy(t, o).Open([]byte(tt.reply), tt.in)
		if err == nil || !strings.HasSuffix(err.Error(), tt.want) {
			t.Errorf("%s: %v %v, want %s", tt.name, got, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "A1") {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestSmuggledTimestamp: what is decrypted behind the signature cannot put another timestamp in the place of
// the signed one, nor end what it stands in.
func TestSmuggledTimestamp(t *testing.T) {
	o := trusting()
	o.Reply.Decrypt = []*rsa.PrivateKey{who("gateway").rsa()}
	r := signedReply(t)
	for _, plain := range []string{
		`<wsu:Timestamp><wsu:Created>2026-05-06T07:18:09Z</wsu:Created></wsu:Timestamp></wsse:Security><wsse:Security xmlns:wsse="` + nsWSSE + `" soap:actor="urn:x">`,
		`<wsu:Timestamp><wsu:Created>2026-05-06T07:18:09Z</wsu:Created></wsu:Timestamp>`,
	} {
		s := &sealing{Policy: policy(t, everything("host", "gateway")), in: inputs(), base: "smuggled", doc: &document{src: []byte(plain), body: element{outer: len(plain)}}}
		key, data, err := s.encrypt()
		if err != nil {
			t.Fatal(err)
		}
		part := strings.Replace(string(data), typeContent, typeElement, 1)
		attack := r.with(r.timestamp, part+r.timestamp, r.signature, r.signature+string(key))
		in := inputs()
		in.Now = in.Now.Add(10 * time.Minute)
		if got, err := policy(t, o).Open([]byte(attack), in); err == nil {
			t.Errorf("%s", got.Message)
		}
	}
}

// TestCBCNeedsConsent: content in a mode that does not notice changes is only read where that is said.
func TestCBCNeedsConsent(t *testing.T) {
	o := everything("host", "gateway")
	o.Encrypt.Cipher = "aes256-cbc"
	reply := seal(t, o, message)
	receiver := everything("gateway", "host")
	if _, err := policy(t, receiver).Open([]byte(reply), inputs()); err == nil || err.Error() != "the content is encrypted by an algorithm that is not taken" {
		t.Error(err)
	}
	receiver.Reply.CBC = true
	if _, err := policy(t, receiver).Open([]byte(reply), inputs()); err != nil {
		t.Error(err)
	}
}

// TestTrust: authorities vouch for whom they issued certificates to; without a list no signature is looked at.
func TestTrust(t *testing.T) {
	s := signedReply(t)
	o := trusting()
	o.Reply.Signers = []*x509.Certificate{who("authority").cert}
	if got, err := policy(t, o).Open([]byte(s.whole), inputs()); err != nil || !got.Signed {
		t.Error(got, err)
	}
	o.Reply.Signers = nil
	if got, err := policy(t, o).Open([]byte(s.with(">A1<", ">A2<")), inputs()); err != nil || got.Signed || strings.Contains(string(got.Message), "Security") {
		t.Error(got, err)
	}
}

// TestPlainFault: a fault may pass unsigned where that is declared, and nothing else with it.
func TestPlainFault(t *testing.T) {
	o := trusting()
	o.Reply.PlainFaults = true
	fault := strings.Replace(message, `<n1:GetName xsi:type="n1:Special"><ID>A1</ID><n1:Note>ä &lt; "b"</n1:Note></n1:GetName>`, `<soap:Fault><faultcode>soap:Client</faultcode></soap:Fault>`, 1)
	got, err := policy(t, o).Open([]byte(fault), inputs())
	if err != nil || got.Signed || !strings.Contains(string(got.Message), "<faultcode>soap:Client</faultcode>") {
		t.Errorf("%s %v", got.Message, err)
	}
	for _, reply := range []string{message, strings.Replace(message, "<ID>A1</ID>", "<soap:Fault/>", 1), strings.Replace(message, "n1:Session", "soap:Fault", 2)} {
		if got, err := policy(t, o).Open([]byte(reply), inputs()); err == nil {
			t.Errorf("%s", got.Message)
		}
	}
}

// TestReplays: no signed reply is taken twice while its timestamp would do.
func TestReplays(t *testing.T) {
	s := signedReply(t)
	p, r := policy(t, trusting()), &Replays{}
	got, err := p.Open([]byte(s.whole), inputs())
	if err != nil {
		t.Fatal(err)
	}
	if !r.Fresh(got, now()) || r.Fresh(got, now()) || r.Fresh(got, got.Until) {
		t.Error("taken again")
	}
	other := *got
	other.Mark[0]++
	if !r.Fresh(&other, got.Until.Add(time.Second)) || len(r.seen) != 1 {
		t.Error("kept for ever", len(r.seen))
	}
}
