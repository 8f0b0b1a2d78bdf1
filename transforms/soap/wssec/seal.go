// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"crypto/sha1" //nolint:gosec // the digest of the UsernameToken profile
	"encoding/base64"
	"encoding/hex"
	"io"
	"slices"
	"strconv"

	"lintel/transforms/soap"
)

// timeForm is how times are written.
const timeForm = "2006-01-02T15:04:05.000Z"

// sealing is one request being secured.
type sealing struct {
	*Policy
	message *soap.Package
	doc     *document
	now     string
	in      Inputs
	// base begins the identifiers of this message. It is random: no attribute that a caller chooses can
	// be taken for one of them.
	base string
	// tokens is what the security header holds before the signature, ids the identifiers that the
	// signature is over.
	tokens []byte
	ids    []string
	// named are the elements of the envelope that get an identifier.
	named []mark
	// value is that of the signature.
	value string
}

// Sealed is a request that is secured.
type Sealed struct {
	// Message has the media type that it had before.
	Message []byte
	// Signature is the value of its signature, which a reply can confirm; empty without one.
	Signature string
}

// Seal secures a request: an envelope in UTF-8 without a security header for the same actor, or a message with one in
// several parts.
func (p *Policy) Seal(message []byte, in Inputs) (*Sealed, error) {
	s := &sealing{Policy: p, in: in, now: in.Now.UTC().Format(timeForm)}
	if err := s.read(message); err != nil {
		return nil, err
	}
	random, err := in.bytes(16)
	if err != nil {
		return nil, err
	}
	s.base = "id-" + hex.EncodeToString(random)
	if err := s.writeTokens(); err != nil {
		return nil, err
	}
	if err := s.nameParts(); err != nil {
		return nil, err
	}
	var signature, key, data []byte
	if p.o.Sign != nil {
		if signature, err = s.sign(s.compose(nil, nil, nil)); err != nil {
			return nil, err
		}
	}
	if p.o.Encrypt != nil {
		if key, data, err = s.encrypt(); err != nil {
			return nil, err
		}
	}
	out, err := s.message.Pack(s.compose(key, signature, data), "", s.message.Attached(p.o.Encrypt == nil))
	if err != nil {
		return nil, malformed(err)
	}
	return &Sealed{out, s.value}, nil
}

// read takes the request apart. What is encrypted is the whole content of the body, that of attachments too.
func (s *sealing) read(message []byte) (err error) {
	if s.message, err = soap.Unpack(s.in.MediaType, message); err != nil {
		return malformed(err)
	}
	if s.o.Encrypt != nil {
		if err := s.message.Expand(); err != nil {
			return malformed(err)
		}
	}
	if s.doc, err = parse(s.message.Envelope, s.o.Actor); err != nil {
		return err
	}
	switch {
	case s.doc.security >= 0:
		return refuse("the message has a security header of its own")
	case s.o.Attachments != RefuseAttachments || s.o.Sign == nil && s.o.Encrypt == nil:
	case len(s.message.Attached(false)) > 0:
		return refuse("the message has attachments beside its elements, which nothing protects")
	}
	return nil
}

// bytes takes random bytes.
func (in *Inputs) bytes(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(in.Random, b); err != nil {
		return nil, refuse("there are no random bytes")
	}
	return b, nil
}

// signs tells whether a part is signed. Without a list everything is that there is but the token.
func (s *sealing) signs(part string) bool {
	if s.o.Sign == nil {
		return false
	}
	if len(s.o.Sign.Parts) == 0 {
		return part != PartToken
	}
	return slices.Contains(s.o.Sign.Parts, part)
}

// id makes the identifier of a part, and remembers it if the part is signed.
func (s *sealing) id(part, name string) string {
	id := s.base + "-" + name
	if s.signs(part) {
		s.ids = append(s.ids, id)
	}
	return id
}

// writeTokens writes timestamp, username and certificate.
func (s *sealing) writeTokens() error {
	if s.o.Timestamp > 0 {
		expires := s.in.Now.Add(s.o.Timestamp).UTC().Format(timeForm)
		s.tokens = append(s.tokens, `<wsu:Timestamp wsu:Id="`+s.id(PartTimestamp, "timestamp")+`"><wsu:Created>`+s.now+
			`</wsu:Created><wsu:Expires>`+expires+`</wsu:Expires></wsu:Timestamp>`...)
	}
	if u := s.o.Username; u != nil {
		if err := s.writeUsername(u); err != nil {
			return err
		}
	}
	if g := s.o.Sign; g != nil && g.Reference == ByToken {
		s.tokens = appendToken(s.tokens, g.Certificate, s.id(PartToken, "token"))
	}
	return nil
}

// writeUsername writes a UsernameToken (UsernameToken Profile 1.1).
func (s *sealing) writeUsername(u *Username) error {
	nonce, err := s.in.bytes(16)
	if err != nil {
		return err
	}
	out := append(s.tokens, `<wsse:UsernameToken wsu:Id="`+s.id(PartUsername, "username")+`"><wsse:Username>`...)
	out = append(soap.AppendEscaped(out, u.Name), `</wsse:Username><wsse:Password Type="`...)
	if u.Digest {
		h := sha1.New() //nolint:gosec // the digest of the UsernameToken profile
		h.Write(nonce)
		_, _ = io.WriteString(h, s.now+u.Password)
		out = append(out, passwordDigest+`">`...)
		out = base64.StdEncoding.AppendEncode(out, h.Sum(nil))
	} else {
		out = soap.AppendEscaped(append(out, passwordText+`">`...), u.Password)
	}
	out = append(out, `</wsse:Password><wsse:Nonce EncodingType="`+base64Binary+`">`...)
	out = base64.StdEncoding.AppendEncode(out, nonce)
	s.tokens = append(out, `</wsse:Nonce><wsu:Created>`+s.now+`</wsu:Created></wsse:UsernameToken>`...)
	return nil
}

// nameParts chooses what else of the envelope is signed.
func (s *sealing) nameParts() error {
	for i := range s.doc.blocks {
		if err := s.name(PartHeaders, &s.doc.blocks[i], "header-"+strconv.Itoa(i)); err != nil {
			return err
		}
	}
	return s.name(PartBody, &s.doc.body, PartBody)
}

// name gives a part that is signed its identifier.
func (s *sealing) name(part string, e *element, name string) error {
	if !s.signs(part) {
		return nil
	}
	if e.wsu {
		return refuse("a part of the message has an identifier of its own")
	}
	s.named = append(s.named, mark{e.named, s.id(part, name)})
	return nil
}

// compose writes the envelope with its security header: the first of the header, so that it is met before
// what it is about. data stands for the content of the body if it is not nil.
func (s *sealing) compose(key, signature, data []byte) []byte {
	d := s.doc
	w := composer{src: d.src, marks: s.named}
	w.out = make([]byte, 0, len(d.src)+len(s.tokens)+len(key)+len(signature)+len(data)+1024)
	prefix := d.src[d.envelope.begin+1 : d.envelope.named-len("Envelope")]
	switch header := &d.header; {
	case header.local == "":
		w.copyTo(d.envelope.inner)
		w.open(prefix, "Header>")
		w.out = s.appendSecurity(w.out, key, signature)
		w.close(prefix, "Header>")
	case header.closed():
		w.copyTo(header.end - len("/>"))
		w.from = header.end
		w.out = s.appendSecurity(append(w.out, '>'), key, signature)
		w.close(prefix, "Header>")
	default:
		w.copyTo(header.inner)
		w.out = s.appendSecurity(w.out, key, signature)
	}
	if data != nil && d.body.closed() {
		w.copyTo(d.body.end - len("/>"))
		w.from = d.body.end
		w.out = append(append(w.out, '>'), data...)
		w.close(prefix, "Body>")
	} else if data != nil {
		w.copyTo(d.body.inner)
		w.from = d.body.outer
		w.out = append(w.out, data...)
	}
	w.copyTo(len(d.src))
	return w.out
}

// mark is a place where an element gets an identifier.
type mark struct {
	at int
	id string
}

// composer copies a document with what is added to it.
type composer struct {
	out, src []byte
	from     int
	// marks are in the order of the document.
	marks []mark
}

func (w *composer) copyTo(to int) {
	for len(w.marks) > 0 && w.marks[0].at <= to {
		w.out = append(w.out, w.src[w.from:w.marks[0].at]...)
		w.out = append(w.out, ` xmlns:wsu="`+nsWSU+`" wsu:Id="`+w.marks[0].id+`"`...)
		w.from, w.marks = w.marks[0].at, w.marks[1:]
	}
	w.out = append(w.out, w.src[w.from:to]...)
	w.from = to
}

func (w *composer) open(prefix []byte, rest string) {
	w.out = append(append(append(w.out, '<'), prefix...), rest...)
}

func (w *composer) close(prefix []byte, rest string) {
	w.out = append(append(append(w.out, "</"...), prefix...), rest...)
}

// appendSecurity writes the security header.
func (s *sealing) appendSecurity(dst, key, signature []byte) []byte {
	dst = append(dst, `<wsse:Security xmlns:wsse="`+nsWSSE+`" xmlns:wsu="`+nsWSU+`"`...)
	if s.o.Actor != "" || !s.o.Optional {
		dst = append(dst, ` xmlns:s="`+s.doc.soap+`"`...)
	}
	word, actor := "1", "actor"
	if s.doc.soap == nsSOAP12 {
		word, actor = "true", "role"
	}
	if !s.o.Optional {
		dst = append(dst, ` s:mustUnderstand="`+word+`"`...)
	}
	if s.o.Actor != "" {
		dst = append(soap.AppendEscapedValue(append(dst, " s:"+actor+`="`...), s.o.Actor), '"')
	}
	dst = append(append(dst, '>'), s.tokens...)
	dst = append(append(dst, key...), signature...)
	return append(dst, `</wsse:Security>`...)
}
