// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"net/url"
	"slices"
	"time"
)

// SOAPConfig is the soap section of an http backend: what stands around the envelopes of all its operations.
type SOAPConfig struct {
	Addressing *AddressingConfig
	Security   *WSSecurityConfig
}

// AddressingConfig declares WS-Addressing 1.0.
type AddressingConfig struct {
	Pos Pos
	// To is where the host takes itself to be; the URL of the backend if it is empty.
	To Text
	// Unrelated takes replies that do not say which request they belong to.
	Unrelated bool
	// MustUnderstand marks the headers as ones that the host must understand.
	MustUnderstand bool
}

// WSSecurityConfig declares WS-Security: what is written into requests, and what replies must be.
type WSSecurityConfig struct {
	Pos      Pos
	Username *UsernameConfig
	// Timestamp is how long requests are valid; 0 writes no timestamp.
	Timestamp time.Duration
	Sign      *SignConfig
	Encrypt   *EncryptConfig
	Actor     Text
	// Optional leaves mustUnderstand out.
	Optional bool
	// Attachments is plain or signed: what becomes of those beside the envelope. Empty refuses them.
	Attachments string
	Reply       WSReplyConfig
}

// UsernameConfig is a UsernameToken.
type UsernameConfig struct {
	Name     Text
	Password Secret
	// Plain sends the password itself, in place of a digest.
	Plain bool
}

// Protects tells whether messages in one direction are signed or encrypted.
func (s *WSSecurityConfig) Protects(reply bool) bool {
	if reply {
		return len(s.Reply.Signers) > 0 || len(s.Reply.Keys) > 0
	}
	return s.Sign != nil || s.Encrypt != nil
}

// SignConfig is how requests are signed.
type SignConfig struct {
	Certificate, Key Text
	// Reference is a word of wsReferences, Parts are those of wsParts.
	Reference string
	Parts     []string
}

// EncryptConfig is how the body of requests is encrypted.
type EncryptConfig struct {
	Certificate       Text
	Reference, Cipher string
}

// WSReplyConfig is what replies must be.
type WSReplyConfig struct {
	// Signers are files of certificates; with any, replies must be signed.
	Signers []Text
	// Keys decrypt, whichever fits; with any, replies must be encrypted.
	Keys []Text
	// MaxAge is how old a reply may be; 0 asks for no timestamp. Skew is how much clocks may differ.
	MaxAge, Skew time.Duration
	// Confirmed wants replies to confirm the signature of their request.
	Confirmed bool
	// PlainFaults, Replays, SHA1 and CBC take what is refused otherwise.
	PlainFaults, Replays, SHA1, CBC bool
}

// wsReferences are the ways to name a certificate, wsParts what a signature can be over.
func wsReferences() []string { return []string{"token", "issuerSerial", "keyIdentifier", "thumbprint"} }

// maxWSKeys is how many keys can be tried to decrypt a reply.
const maxWSKeys = 4

func wsParts() []string { return []string{"body", "timestamp", "username", "headers", "token"} }

func (l *loader) soap(to **SOAPConfig, http *HTTPConfig, n *Node) {
	s := &SOAPConfig{}
	*to = s
	l.object(n, "soap",
		optional("addressing", func(n *Node) { l.addressing(&s.Addressing, n) }),
		optional("security", func(n *Node) { l.wsSecurity(&s.Security, http, n) }),
	)
}

func (l *loader) addressing(to **AddressingConfig, n *Node) {
	a := &AddressingConfig{Pos: n.Pos}
	*to = a
	related := true
	l.object(n, "addressing",
		optional("to", l.text(&a.To, "to")),
		optional("relatesTo", l.word("relatesTo", []string{"required", "optional"}, func(n *Node) { related = n.Text == "required" })),
		optional("mustUnderstand", l.boolean(&a.MustUnderstand, "mustUnderstand")),
	)
	a.Unrelated = !related
}

func (l *loader) wsSecurity(to **WSSecurityConfig, http *HTTPConfig, n *Node) {
	s := &WSSecurityConfig{Pos: n.Pos}
	*to = s
	must := true
	l.object(n, "security",
		optional("username", func(n *Node) { l.username(&s.Username, n) }),
		optional("timestamp", l.duration(&s.Timestamp, "timestamp", time.Second, hour)),
		optional("sign", func(n *Node) { l.sign(&s.Sign, n) }),
		optional("encrypt", func(n *Node) { l.encrypt(&s.Encrypt, n) }),
		optional("actor", l.text(&s.Actor, "actor")),
		optional("mustUnderstand", l.boolean(&must, "mustUnderstand")),
		optional("attachments", l.word("attachments", []string{"plain", "signed"}, func(n *Node) { s.Attachments = n.Text })),
		optional("reply", func(n *Node) { l.wsReply(&s.Reply, n) }),
	)
	s.Optional = !must
	if len(s.Reply.Signers) == 0 && n.Get("reply").Get("maxAge") == nil {
		s.Reply.MaxAge = 0 // nothing vouches for a timestamp
	}
	if l.sketches != nil || l.defaults != nil {
		return
	}
	if s.Username != nil && s.Username.Plain && s.Encrypt == nil && slices.ContainsFunc(http.URLs, overNetwork) {
		l.warn(CodePlainLogin, n.Key("username"), "user and password go over the network as they are: there is no TLS", "write an https URL, or type: digest")
	}
	l.partsThere(s, n.Get("sign").Get("parts"))
	if s.Reply.Confirmed && (s.Sign == nil || len(s.Reply.Signers) == 0) {
		l.add(CodeTogether, n.Get("reply").Get("confirmation"), "replies are to confirm signatures, and requests and replies are not both signed", "declare sign, and signers under reply")
		s.Reply.Confirmed = false // told once
	}
	if s.Attachments == "signed" && s.Sign == nil {
		l.add(CodeTogether, n.Get("attachments"), "attachments are to be signed, and requests are not", "declare sign beside it, or write plain")
		s.Attachments = "" // told once
	}
	if r := &s.Reply; len(r.Signers) == 0 && len(r.Keys) > 0 {
		l.warn(CodeUnsigned, n.Key("reply"), "replies are decrypted and not verified: whoever has the certificate can write them", "add signers: with the certificate of the host")
	}
}

// partsThere reports parts that are to be signed and that nothing writes, and a signature that leaves out the
// body.
func (l *loader) partsThere(s *WSSecurityConfig, n *Node) {
	if n == nil || s.Sign == nil {
		return
	}
	there := map[string]bool{"body": true, "headers": true, "timestamp": s.Timestamp > 0, "username": s.Username != nil, "token": s.Sign.Reference == "token"}
	body := false
	for _, item := range l.oneOrMany(n) {
		body = body || item.Text == "body"
		if is, known := there[item.Text]; known && !is {
			l.add(CodeTogether, item, fmt.Sprintf("%s is to be signed, and requests have none", item.Text), "declare it beside sign, or leave it out here")
		}
	}
	if !body {
		l.warn(CodeUnsigned, n, "the signature is not over the body: it does not protect what is asked for", "add body")
	}
}

func (l *loader) username(to **UsernameConfig, n *Node) {
	u := &UsernameConfig{}
	*to = u
	l.object(n, "username",
		required("name", l.text(&u.Name, "name")),
		required("password", func(n *Node) {
			var t Text
			l.text(&t, "password")(n)
			if t.Value != "" && !t.Secret {
				l.add(CodeInlineSecret, n, "the password stands here itself", "write ${env:NAME} or ${file:PATH}, and change the password: this one was seen")
				return
			}
			u.Password = Secret{value: t.Value, Pos: t.Pos}
		}),
		optional("type", l.word("type", []string{"digest", "text"}, func(n *Node) { u.Plain = n.Text == "text" })),
	)
}

func (l *loader) sign(to **SignConfig, n *Node) {
	s := &SignConfig{Reference: "token"}
	*to = s
	l.object(n, "sign",
		required("certificate", l.file(&s.Certificate, "certificate")),
		required("key", l.anyFile(&s.Key, "key", true)),
		optional("reference", l.word("reference", wsReferences(), func(n *Node) { s.Reference = n.Text })),
		optional("parts", func(n *Node) {
			for _, item := range l.oneOrMany(n) {
				l.word("parts", wsParts(), func(n *Node) { s.Parts = append(s.Parts, n.Text) })(item)
			}
		}),
	)
}

func (l *loader) encrypt(to **EncryptConfig, n *Node) {
	e := &EncryptConfig{Reference: "issuerSerial", Cipher: "aes256-gcm"}
	*to = e
	l.object(n, "encrypt",
		required("certificate", l.file(&e.Certificate, "certificate")),
		optional("reference", l.word("reference", wsReferences(), func(n *Node) { e.Reference = n.Text })),
		optional("cipher", l.word("cipher", []string{"aes256-gcm", "aes128-gcm", "aes256-cbc", "aes128-cbc"}, func(n *Node) { e.Cipher = n.Text })),
	)
}

func (l *loader) wsReply(r *WSReplyConfig, n *Node) {
	r.MaxAge, r.Skew = 5*time.Minute, time.Minute
	l.object(n, "reply",
		optional("signers", func(n *Node) {
			for _, item := range l.oneOrMany(n) {
				var t Text
				if l.file(&t, "signers")(item); t.Value != "" {
					r.Signers = append(r.Signers, t)
				}
			}
		}),
		optional("key", func(n *Node) {
			list := l.oneOrMany(n)
			if len(list) > maxWSKeys {
				l.add(CodeTooLarge, n, fmt.Sprintf("there are more than %d keys", maxWSKeys), "keep the present one and those that hosts still encrypt for")
				return
			}
			for _, item := range list {
				var t Text
				if l.anyFile(&t, "key", true)(item); t.Value != "" {
					r.Keys = append(r.Keys, t)
				}
			}
		}),
		optional("confirmation", l.word("confirmation", []string{"required", "ignored"}, func(n *Node) { r.Confirmed = n.Text == "required" })),
		optional("maxAge", l.duration(&r.MaxAge, "maxAge", 0, 24*hour)),
		optional("skew", l.duration(&r.Skew, "skew", 0, hour)),
		optional("faults", l.word("faults", []string{"signed", "plain"}, func(n *Node) { r.PlainFaults = n.Text == "plain" })),
		optional("replays", l.word("replays", []string{"refused", "taken"}, func(n *Node) { r.Replays = n.Text == "taken" })),
		optional("legacy", func(n *Node) {
			for _, item := range l.oneOrMany(n) {
				l.word("legacy", []string{"sha1", "cbc"}, func(n *Node) {
					r.SHA1, r.CBC = r.SHA1 || n.Text == "sha1", r.CBC || n.Text == "cbc"
				})(item)
			}
		}),
	)
}

// overNetwork reports that what goes to a URL can be read on the way.
func overNetwork(at Text) bool {
	u, err := url.Parse(at.Value)
	return err == nil && u.Scheme == "http" && !loopback(u.Hostname())
}
