// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"time"

	"lintel/transforms/soap"
)

// opening is one reply being checked.
type opening struct {
	*Policy
	message *soap.Package
	doc     *document
	in      Inputs
	now     time.Time
	// attached are the attachments beside the envelope, vouched the numbers of those that are signed.
	attached []soap.Attached
	vouched  []int
	// keys are the decrypted keys by the identifier of their EncryptedKey.
	keys map[string][]byte
	// encrypted tells that the body was.
	encrypted bool
	// verified has the bytes that the signature is over, once there is one.
	verified *verified
}

// verified is what a signature that holds is over, in canonical form.
type verified struct {
	body, timestamp []byte
	blocks          [][]byte
	// confirmed are the values of the signatures that the reply says it answers.
	confirmed []string
	// mark tells this signature from all others.
	mark [sha256.Size]byte
}

// Opened is a reply that is what was demanded.
type Opened struct {
	// Message is what may be read, in UTF-8, with its media type. The envelope of a signed reply is made of the very
	// bytes that were verified, in canonical form, and of nothing else; content that came as an attachment
	// stands in it.
	Message   []byte
	MediaType string
	// Signed tells that a signature was verified, Mark which one: no other reply has it.
	Signed bool
	Mark   [sha256.Size]byte
	// Until is when a reply with such a timestamp is not taken any more; zero without one.
	Until time.Time
}

// Open checks a reply. Whatever is not as demanded is an *Error.
//
// The security header is gone through from its first part to its last: what was done to a message last
// stands first.
func (p *Policy) Open(reply []byte, in Inputs) (*Opened, error) {
	o := &opening{Policy: p, in: in, now: in.Now, keys: map[string][]byte{}}
	var err error
	if o.message, err = soap.Unpack(in.MediaType, reply); err == nil {
		err = o.message.Expand()
	}
	if err != nil {
		return nil, refuse("the reply is in a character encoding or a form that is not read")
	}
	o.attached = o.message.Attached(false)
	if o.doc, err = parse(o.message.Envelope, ""); err != nil {
		return nil, err
	}
	for i := 0; i < len(o.doc.parts); i++ {
		if err := o.part(&o.doc.parts[i]); err != nil {
			return nil, err
		}
	}
	return o.finish()
}

// part goes through one part of the security header.
func (o *opening) part(p *element) error {
	switch {
	case p.is(nsEnc, "EncryptedKey"):
		return o.encryptedKey(p)
	case p.is(nsEnc, "ReferenceList"):
		n, err := tree(o.doc.src, p.begin)
		if err != nil {
			return err
		}
		return o.references(n, nil)
	case p.is(nsEnc, "EncryptedData"):
		return refuse("a part of the security header is encrypted, and its key does not stand before it")
	case p.is(nsDSig, "Signature") && len(o.o.Reply.Signers) > 0:
		return o.signature(p)
	}
	return nil
}

// finish makes sure that all is there that is demanded.
func (o *opening) finish() (*Opened, error) {
	r := &o.o.Reply
	if o.plainFault() {
		o.attached = nil
		return o.opened(&Opened{}, o.withoutSecurity())
	}
	if len(r.Signers) > 0 && o.verified == nil {
		return nil, refuse("the reply is not signed")
	}
	if len(r.Decrypt) > 0 && !o.encrypted {
		return nil, refuse("the body of the reply is not encrypted")
	}
	if err := o.attachments(); err != nil {
		return nil, err
	}
	if err := o.confirms(); err != nil {
		return nil, err
	}
	out, envelope := &Opened{}, o.withoutSecurity()
	if v := o.verified; v != nil {
		out.Signed, out.Mark, envelope = true, v.mark, o.rebuilt(v.blocks, v.body)
		if _, err := parse(envelope, ""); err != nil {
			return nil, err
		}
	}
	if r.Timestamp > 0 {
		var err error
		if out.Until, err = o.fresh(); err != nil {
			return nil, err
		}
	}
	return o.opened(out, envelope)
}

// opened puts the reply together again.
func (o *opening) opened(out *Opened, envelope []byte) (*Opened, error) {
	const plain = "text/xml; charset=utf-8"
	out.Message, out.MediaType = envelope, plain
	if len(o.attached) == 0 {
		return out, nil
	}
	var err error
	if out.Message, err = o.message.Pack(envelope, plain, o.attached); err != nil {
		return nil, malformed(err)
	}
	out.MediaType = o.in.MediaType
	return out, nil
}

// rebuilt is an envelope of parts that stand for themselves.
func (o *opening) rebuilt(blocks [][]byte, body []byte) []byte {
	out := []byte(`<lintel:Envelope xmlns:lintel="` + o.doc.soap + `">`)
	if len(blocks) > 0 {
		out = append(out, `<lintel:Header>`...)
		for _, b := range blocks {
			out = append(out, b...)
		}
		out = append(out, `</lintel:Header>`...)
	}
	return append(append(out, body...), `</lintel:Envelope>`...)
}

// withoutSecurity is the reply without its security header.
func (o *opening) withoutSecurity() []byte {
	if o.doc.security < 0 {
		return o.doc.src
	}
	s := &o.doc.blocks[o.doc.security]
	return slices.Concat(o.doc.src[:s.begin], o.doc.src[s.end:])
}

// plainFault tells whether the reply is a fault that is neither signed nor encrypted, where those may pass.
func (o *opening) plainFault() bool {
	return o.o.Reply.PlainFaults && o.verified == nil && !o.encrypted && o.isFault()
}

// isFault tells whether the first element of the body is a fault.
func (o *opening) isFault() bool {
	t, err := soap.NewTokens(o.doc.src)
	for err == nil {
		var kind soap.Kind
		if kind, err = t.Next(); err != nil || kind == soap.End {
			return false
		}
		if _, begin, _ := t.At(); kind == soap.StartTag && begin > o.doc.body.begin {
			space, _, local := t.Name()
			return begin < o.doc.body.outer && string(local) == "Fault" && (string(space) == nsSOAP11 || string(space) == nsSOAP12)
		}
	}
	return false
}

// timestamp is the one timestamp of the reply: of a signed reply the one that was verified.
func (o *opening) timestamp() (*node, error) {
	if v := o.verified; v != nil {
		if v.timestamp == nil {
			return nil, refuse("the reply has no timestamp that is signed")
		}
		return tree(v.timestamp, 0)
	}
	var found *element
	for i := range o.doc.parts {
		if p := &o.doc.parts[i]; p.is(nsWSU, "Timestamp") {
			if found != nil {
				return nil, refuse("the reply has two timestamps")
			}
			found = p
		}
	}
	if found == nil {
		return nil, refuse("the reply has no timestamp")
	}
	return tree(o.doc.src, found.begin)
}

// fresh checks the timestamp, and returns until when it will do.
func (o *opening) fresh() (time.Time, error) {
	n, err := o.timestamp()
	if err != nil {
		return time.Time{}, err
	}
	r := &o.o.Reply
	created, err := time.Parse(time.RFC3339Nano, n.only(nsWSU, "Created").words())
	if err != nil {
		return time.Time{}, refuse("the timestamp of the reply does not say when it was created")
	}
	until := created.Add(r.Timestamp)
	if e := n.only(nsWSU, "Expires"); e != nil {
		expires, err := time.Parse(time.RFC3339Nano, e.words())
		if err != nil {
			return time.Time{}, refuse("the timestamp of the reply cannot be read")
		}
		if expires.Before(until) {
			until = expires
		}
	} else if len(n.kids) > 1 {
		return time.Time{}, refuse("the timestamp of the reply cannot be read")
	}
	until = until.Add(r.Skew)
	switch {
	case created.After(o.now.Add(r.Skew)):
		return time.Time{}, refuse("the reply was created in the future")
	case !o.now.Before(until):
		return time.Time{}, refuse("the reply is too old")
	}
	return until, nil
}

// confirms makes sure that the reply answers the request it came for: it repeats the value of that signature, once, and
// signed (WS-Security 1.1, section 8.5).
func (o *opening) confirms() error {
	if !o.o.Reply.Confirmed {
		return nil
	}
	all := 0
	for i := range o.doc.parts {
		if o.doc.parts[i].is(nsWSSE11, "SignatureConfirmation") {
			all++
		}
	}
	switch signed := o.verified.confirmed; {
	case len(signed) == 0:
		return refuse("the reply does not confirm, signed, the signature of its request")
	case all != 1 || o.in.Signature == "" || signed[0] != o.in.Signature:
		return refuse("the reply confirms another signature than that of its request")
	}
	return nil
}

// blank tells whether nothing but white space stands in a span.
func blank(b []byte) bool { return len(bytes.TrimLeft(b, " \t\r\n")) == 0 }
