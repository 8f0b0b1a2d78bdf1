// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"crypto/rsa"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"lintel/transforms/soap"
)

const packedType = `multipart/related; boundary="b1"; type="application/xop+xml"; start="<root@x>"`

// packed is a message whose element Content is an attachment, with others beside the envelope.
func packed(others ...string) string {
	root := strings.Replace(message, `<ID>A1</ID>`, `<Content><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:1%40x"/></Content>`, 1)
	out := "--b1\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"text/xml\"\r\nContent-ID: <root@x>\r\n\r\n" + root +
		"\r\n--b1\r\nContent-Type: image/png\r\nContent-ID: <1@x>\r\nContent-Transfer-Encoding: binary\r\n\r\n<x>\r\n--"
	for _, o := range others {
		out += "\r\n--b1\r\n" + o
	}
	return out + "\r\n--b1--\r\n"
}

const (
	image = "Content-Type: image/png\r\nContent-ID: <2@x>\r\n\r\nB\n1"
	text  = "Content-Type: text/plain\r\nContent-ID: <3@x>\r\n\r\nC\n2\r3\r\n"
	xmls  = "Content-Type: application/a+xml\r\nContent-ID: <4@x>\r\n\r\n<?xml version='1.0'?><a  b='1'/>"
)

// packer is a host that signs, and what the gateway demands of it.
func packer(a Attachments) (from, to Options) {
	f, t := who("host"), who("gateway")
	return Options{Timestamp: time.Minute, Sign: &Sign{Certificate: f.cert, Key: f.key}, Attachments: a},
		Options{Sign: &Sign{Certificate: t.cert, Key: t.key}, Attachments: a, Reply: Reply{Signers: []*x509.Certificate{f.cert}, Timestamp: time.Minute}}
}

func packedInputs() Inputs {
	in := inputs()
	in.MediaType = packedType
	return in
}

func sealPacked(t testing.TB, o Options, msg string) string {
	t.Helper()
	out, err := policy(t, o).Seal([]byte(msg), packedInputs())
	if err != nil {
		t.Fatal(err)
	}
	return string(out.Message)
}

// TestPackedContent: content that is an attachment is signed with the element that it belongs to, and what comes of
// the reply has it in its place. Nobody can exchange it.
func TestPackedContent(t *testing.T) {
	from, to := packer(RefuseAttachments)
	sealed := sealPacked(t, from, packed())
	if !strings.Contains(sealed, "<x>\r\n--\r\n--b1--") || !strings.Contains(sealed, "xop:Include") {
		t.Errorf("the content does not travel as an attachment any more: %s", sealed)
	}
	got, err := policy(t, to).Open([]byte(sealed), packedInputs())
	if err != nil {
		t.Fatal(err)
	}
	if !got.Signed || got.MediaType != "text/xml; charset=utf-8" || !strings.Contains(string(got.Message), "<Content>PHg+DQotLQ==</Content>") {
		t.Errorf("%s %s", got.MediaType, got.Message)
	}
	inline := strings.Replace(message, `<ID>A1</ID>`, "<Content>PHg+DQotLQ==</Content>", 1)
	if again, err := policy(t, to).Open([]byte(seal(t, from, inline)), inputs()); err != nil || bodyOf(t, again.Message) != bodyOf(t, got.Message) {
		t.Errorf("the form in which content travels makes a difference: %v", err)
	}
	for name, change := range map[string][2]string{
		"other content":             {"<x>\r\n--\r\n--b1--", "<y>\r\n--\r\n--b1--"},
		"no such part":              {"cid:1%40x", "cid:2%40x"},
		"a part beside it":          {"\r\n--b1--", "\r\n--b1\r\n" + image + "\r\n--b1--"},
		"referred to twice":         {"S &amp; 1", `S &amp; 1<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:1%40x"/>`},
		"another form of reference": {`href="cid:1%40x"/>`, `href="cid:1%40x"/>A`},
	} {
		forged := strings.Replace(sealed, change[0], change[1], 1)
		if forged == sealed {
			t.Fatalf("%s: nothing to change in %s", name, sealed)
		}
		if got, err := policy(t, to).Open([]byte(forged), packedInputs()); err == nil {
			t.Errorf("%s: taken as %s", name, got.Message)
		}
	}
}

// TestPackedSecret: an encrypted body takes its attachments with it.
func TestPackedSecret(t *testing.T) {
	from, to := packer(RefuseAttachments)
	from.Encrypt, to.Reply.Decrypt = &Encrypt{Certificate: who("gateway").cert}, []*rsa.PrivateKey{who("stranger").rsa(), who("gateway").rsa()}
	sealed := sealPacked(t, from, packed())
	if strings.Contains(sealed, "xop:Include") || strings.Contains(sealed, "image/png") {
		t.Errorf("%s", sealed)
	}
	got, err := policy(t, to).Open([]byte(sealed), packedInputs())
	if err != nil || !strings.Contains(string(got.Message), "<Content>PHg+DQotLQ==</Content>") {
		t.Errorf("%v", err)
	}
}

// TestAttachedBeside: attachments beside the envelope are refused, or signed, or declared to be unprotected.
func TestAttachedBeside(t *testing.T) {
	msg := packed(image, text, xmls)
	from, _ := packer(RefuseAttachments)
	if _, err := policy(t, from).Seal([]byte(msg), packedInputs()); err == nil {
		t.Error("an attachment is sent that nothing protects")
	}
	from, to := packer(PlainAttachments)
	plain := sealPacked(t, from, msg)
	got, err := policy(t, to).Open([]byte(plain), packedInputs())
	if err != nil || got.MediaType != packedType || !strings.Contains(string(got.Message), "\r\n\r\nB\n1\r\n--b1\r\n") {
		t.Errorf("%v", err)
	}
	from, to = packer(SignedAttachments)
	if _, err := policy(t, to).Open([]byte(plain), packedInputs()); err == nil {
		t.Error("attachments that are not signed are taken")
	}
	sealed := sealPacked(t, from, msg)
	if got, err = policy(t, to).Open([]byte(sealed), packedInputs()); err != nil {
		t.Fatal(err)
	}
	p, err := soap.Unpack(got.MediaType, got.Message)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"B\n1", "C\r\n2\r\n3\r\n", `<a b="1"></a>`}
	for i, a := range p.Attached(true) {
		if string(a.Content) != want[i] {
			t.Errorf("%s %q, want %q", a.ID, a.Content, want[i])
		}
	}
	for name, change := range map[string][2]string{
		"other content":     {"B\n1", "B\n2"},
		"another reference": {`URI="cid:2@x"`, `URI="cid:5@x"`},
		"none":              {"\r\n--b1\r\nContent-Transfer-Encoding: binary\r\nContent-Type: text/plain\r\nContent-ID: <3@x>\r\n\r\nC\n2\r3\r\n", ""},
		"one more":          {"\r\n--b1--", "\r\n--b1\r\nContent-ID: <9@x>\r\n\r\nD\r\n--b1--"},
		"exchanged":         {"Content-ID: <2@x>", "Content-ID: <3@x>"},
		"another kind":      {"Content-Type: image/png\r\nContent-ID: <2@x>", "Content-Type: text/plain\r\nContent-ID: <2@x>"},
		"another transform": {"#Attachment-Content-Signature-Transform", "#Attachment-Complete-Signature-Transform"},
	} {
		forged := strings.Replace(sealed, change[0], change[1], 1)
		if forged == sealed {
			t.Fatalf("%s: nothing to change in %s", name, sealed)
		}
		if got, err := policy(t, to).Open([]byte(forged), packedInputs()); err == nil {
			t.Errorf("%s: taken as %s", name, got.Message)
		}
	}
}

// TestAttachedUnsignable: an attachment that has no form to be signed is not sent.
func TestAttachedUnsignable(t *testing.T) {
	from, _ := packer(SignedAttachments)
	for _, part := range []string{
		"Content-Type: image/png\r\n\r\nB", "Content-Type: text/xml\r\nContent-ID: <2@x>\r\n\r\n<a>", "Content-Type: text/xml\r\nContent-ID: <2@x>\r\n\r\n<a/><b/>",
	} {
		if _, err := policy(t, from).Seal([]byte(packed(part)), packedInputs()); err == nil {
			t.Errorf("%s is signed", part)
		}
	}
}
