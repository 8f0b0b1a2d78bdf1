// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"bytes"
	"runtime"
	"slices"
	"strings"
	"testing"

	"lintel/transforms/soap"
)

// FuzzOpen: whatever a host sends is refused or read, and what is read was signed: the one body that the
// host of this test ever signed.
func FuzzOpen(f *testing.F) {
	s := signedReply(f)
	f.Add([]byte(s.whole))
	for _, attack := range wrappings(s, `<soap:Body>`+evil+`</soap:Body>`) {
		f.Add([]byte(attack))
	}
	o := everything("host", "gateway")
	f.Add([]byte(seal(f, o, message)))
	f.Add([]byte(message))
	plain, secret := policy(f, trusting()), policy(f, Options{Reply: everything("gateway", "host").Reply})
	want := bodyOf(f, []byte(s.whole))
	f.Fuzz(func(t *testing.T, reply []byte) {
		for _, p := range []*Policy{plain, secret} {
			got, err := p.Open(reply, inputs())
			if err != nil {
				continue
			}
			if body := bodyOf(t, got.Message); !got.Signed || body != want {
				t.Fatalf("%s\nof %s", got.Message, reply)
			}
		}
	})
}

// FuzzCanonical: the canonical form of a canonical form is itself.
func FuzzCanonical(f *testing.F) {
	for _, d := range documents() {
		f.Add([]byte(d), "")
	}
	f.Add([]byte(message), "n1")
	f.Fuzz(func(t *testing.T, src []byte, prefix string) {
		once, err := canonicalOf(src, prefix)
		if err != nil {
			return
		}
		again, err := canonicalOf(once, prefix)
		if err != nil || !bytes.Equal(once, again) {
			t.Fatalf("%v\n%s\n%s\n%s", err, src, once, again)
		}
	})
}

// TestMemory: what is refused costs no more than a few times its own size.
func TestMemory(t *testing.T) {
	s := signedReply(t)
	p := policy(t, trusting())
	for name, reply := range map[string]string{
		"many elements":      s.with(s.body, "<soap:Body>"+strings.Repeat("<a/>", 200_000)+"</soap:Body>"),
		"many header blocks": s.with("<soap:Header>", "<soap:Header>"+strings.Repeat("<a/>", 200_000)),
		"many parts":         s.with(s.timestamp, strings.Repeat("<a/>", 200_000)),
		"a long signature":   s.with("<ds:SignatureValue>", "<ds:SignatureValue>"+strings.Repeat("AAAA", 200_000)),
		"many references":    s.with("</ds:SignedInfo>", strings.Repeat("<ds:Reference/>", 50_000)+"</ds:SignedInfo>"),
		"deep":               s.with(s.body, strings.Repeat("<a>", 200_000)),
	} {
		msg := []byte(reply)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := p.Open(msg, inputs())
		runtime.ReadMemStats(&after)
		if used, most := after.TotalAlloc-before.TotalAlloc, uint64(4*len(msg)+64<<10); err == nil || used > most {
			t.Errorf("%s: %v, %d bytes for %d, want at most %d", name, err, used, len(msg), most)
		}
	}
}

// BenchmarkSeal signs and encrypts a request; BenchmarkOpen decrypts and verifies it.
func BenchmarkSeal(b *testing.B) {
	for name, o := range map[string]Options{
		"username": {Username: everything("gateway", "host").Username, Timestamp: 1e9},
		"sign":     {Sign: everything("gateway", "host").Sign, Timestamp: 1e9},
		"encrypt":  {Encrypt: everything("gateway", "host").Encrypt},
	} {
		p := policy(b, o)
		b.Run(name, func(b *testing.B) {
			in := inputs()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Seal([]byte(message), in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	signed := signedReply(b).whole
	both := seal(b, everything("host", "gateway"), message)
	for name, t := range map[string]struct {
		reply string
		o     Options
	}{
		"verify":             {signed, trusting()},
		"decrypt and verify": {both, Options{Reply: everything("gateway", "host").Reply}},
		"verify 64 KiB": {func() string {
			o := everything("host", "gateway")
			o.Encrypt = nil
			return seal(b, o, strings.Replace(message, "<ID>", "<Note>"+strings.Repeat("<a>text</a>", 6000)+"</Note><ID>", 1))
		}(), trusting()},
	} {
		p := policy(b, t.o)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(t.reply)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Open([]byte(t.reply), inputs()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// FuzzOpenPacked: of a message in several parts nothing is read either that was not signed, in whatever part it came.
func FuzzOpenPacked(f *testing.F) {
	from, to := packer(SignedAttachments)
	sealed := sealPacked(f, from, packed(image, text))
	f.Add([]byte(sealed))
	f.Add([]byte(packed(image, text)))
	f.Add([]byte(strings.Replace(sealed, "cid:1%40x", "cid:2%40x", 1)))
	f.Add([]byte(strings.ReplaceAll(sealed, "binary", "base64")))
	p := policy(f, to)
	bodyIn := func(t testing.TB, got *Opened) (body string, attached []soap.Attached) {
		t.Helper()
		pkg, err := soap.Unpack(got.MediaType, got.Message)
		if err != nil {
			t.Fatalf("%v\n%s", err, got.Message)
		}
		return bodyOf(t, pkg.Envelope), pkg.Attached(true)
	}
	good, err := p.Open([]byte(sealed), packedInputs())
	if err != nil {
		f.Fatal(err)
	}
	want, _ := bodyIn(f, good)
	contents := []string{"B\n1", "C\r\n2\r\n3\r\n"}
	f.Fuzz(func(t *testing.T, reply []byte) {
		got, err := p.Open(reply, packedInputs())
		if err != nil {
			return
		}
		body, attached := bodyIn(t, got)
		if !got.Signed || body != want {
			t.Fatalf("%s\nof %s", got.Message, reply)
		}
		for _, a := range attached {
			if !slices.Contains(contents, string(a.Content)) {
				t.Fatalf("%q\nof %s", a.Content, reply)
			}
		}
	})
}
