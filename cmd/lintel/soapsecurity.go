// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"time"

	"lintel/adapters"
	"lintel/adapters/hosthttp"
	"lintel/specs"
	"lintel/transforms/soap"
	"lintel/transforms/soap/wssec"
)

// envelopeHost is a host with something around the envelopes: WS-Security, WS-Addressing. It stands inside of the
// guard, so that each attempt has a time and a nonce of its own, and only before real hosts: tests and
// simulated ones have no keys.
type envelopeHost struct {
	*hosthttp.Adapter
	// policy is nil without WS-Security.
	policy *wssec.Policy
	// replays is nil where a reply may come twice.
	replays *wssec.Replays
	// addressing is nil without WS-Addressing.
	addressing *specs.AddressingConfig
}

// Exchange implements adapters.Adapter. A reply that is not what it has to be leaves the exchange in doubt:
// whoever wrote it need not be the host, and its work may be that of another request.
func (h *envelopeHost) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	sent, signature := m.Body, ""
	if h.policy != nil {
		sealed, err := h.policy.Seal(m.Body, wssec.Inputs{Now: time.Now(), Random: rand.Reader, MediaType: mediaTypeOf(m)})
		if err != nil {
			return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Config, Detail: "WS-Security: " + err.Error()}
		}
		m.Body, signature = sealed.Message, sealed.Signature
	}
	reply, err := h.Adapter.Exchange(ctx, m)
	if err != nil || len(bytes.TrimSpace(reply.Body)) == 0 { // nothing came back, as for a one-way operation
		return reply, err
	}
	what := "WS-Security: "
	if h.policy != nil {
		reply, err = h.open(reply, signature)
	}
	if err == nil && h.addressing != nil {
		what, err = "WS-Addressing: ", soap.Relates(sent, mediaTypeOf(reply), reply.Body, h.addressing.Unrelated)
	}
	if err != nil {
		h.Distrust()
		return adapters.Message{}, &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Unreadable, Detail: what + err.Error()}
	}
	return reply, nil
}

// open checks a reply to a request with that signature; what may be read of it is in UTF-8.
func (h *envelopeHost) open(reply adapters.Message, signature string) (adapters.Message, error) {
	now := time.Now()
	opened, err := h.policy.Open(reply.Body, wssec.Inputs{Now: now, Random: rand.Reader, MediaType: mediaTypeOf(reply), Signature: signature})
	if err != nil {
		return reply, err
	}
	if h.replays != nil && opened.Signed && !opened.Until.IsZero() && !h.replays.Fresh(opened, now) {
		return reply, errors.New("the reply came before")
	}
	properties := maps.Clone(reply.Properties)
	properties[hosthttp.PropertyContentType] = opened.MediaType
	return adapters.Message{Body: opened.Message, Properties: properties}, nil
}

func mediaTypeOf(m adapters.Message) string {
	t, _ := m.Properties[hosthttp.PropertyContentType].(string)
	return t
}

// aroundSOAP puts around the adapter of a backend what it declares for envelopes.
func aroundSOAP(fsys fs.FS, b *specs.Backend) (func(*hosthttp.Adapter) adapters.Adapter, error) {
	if b.HTTP.SOAP == nil {
		return func(a *hosthttp.Adapter) adapters.Adapter { return a }, nil
	}
	h := envelopeHost{addressing: b.HTTP.SOAP.Addressing}
	if s := securityOf(b); s != nil {
		var err error
		if h.policy, err = securityPolicy(fsys, s); err != nil {
			return nil, err
		}
		if !s.Reply.Replays {
			h.replays = &wssec.Replays{}
		}
	}
	return func(a *hosthttp.Adapter) adapters.Adapter {
		one := h // all ways to the host know the same replies
		one.Adapter = a
		return &one
	}, nil
}

// securityOf is the WS-Security of a backend; nil if there is none.
func securityOf(b *specs.Backend) *specs.WSSecurityConfig {
	if b.HTTP == nil || b.HTTP.SOAP == nil {
		return nil
	}
	return b.HTTP.SOAP.Security
}

// securityPolicy reads the files that a security section names.
func securityPolicy(fsys fs.FS, s *specs.WSSecurityConfig) (*wssec.Policy, error) {
	o := wssec.Options{Timestamp: s.Timestamp, Actor: s.Actor.Value, Optional: s.Optional, Attachments: wssec.Attachments(s.Attachments)}
	o.Reply = wssec.Reply{
		Timestamp: s.Reply.MaxAge, Skew: s.Reply.Skew, PlainFaults: s.Reply.PlainFaults, Confirmed: s.Reply.Confirmed, SHA1: s.Reply.SHA1, CBC: s.Reply.CBC,
	}
	if u := s.Username; u != nil {
		o.Username = &wssec.Username{Name: u.Name.Value, Password: u.Password.Reveal(), Digest: !u.Plain}
	}
	var err error
	if g := s.Sign; g != nil {
		o.Sign = &wssec.Sign{Reference: wssec.Reference(g.Reference), Parts: g.Parts}
		if o.Sign.Certificate, err = oneCertificate(fsys, g.Certificate); err != nil {
			return nil, err
		}
		if o.Sign.Key, err = privateKey(fsys, g.Key); err != nil {
			return nil, err
		}
	}
	if e := s.Encrypt; e != nil {
		o.Encrypt = &wssec.Encrypt{Reference: wssec.Reference(e.Reference), Cipher: e.Cipher}
		if o.Encrypt.Certificate, err = oneCertificate(fsys, e.Certificate); err != nil {
			return nil, err
		}
	}
	for _, file := range s.Reply.Signers {
		list, err := certificateFile(fsys, file)
		if err != nil {
			return nil, err
		}
		o.Reply.Signers = append(o.Reply.Signers, list...)
	}
	for _, file := range s.Reply.Keys {
		k, err := privateKey(fsys, file)
		if err != nil {
			return nil, err
		}
		one, ok := k.(*rsa.PrivateKey)
		if !ok {
			return nil, fmt.Errorf("%s: a key that decrypts must be RSA", file.Pos)
		}
		o.Reply.Decrypt = append(o.Reply.Decrypt, one)
	}
	return wssec.New(o)
}

func oneCertificate(fsys fs.FS, file specs.Text) (*x509.Certificate, error) {
	list, err := certificateFile(fsys, file)
	if err != nil {
		return nil, err
	}
	return list[0], nil // those behind it are of who issued it
}

// certificateFile reads a file with at least one certificate in PEM.
func certificateFile(fsys fs.FS, file specs.Text) ([]*x509.Certificate, error) {
	src, err := fs.ReadFile(fsys, file.Value)
	if err != nil {
		return nil, fmt.Errorf("%s: certificate cannot be read: %w", file.Pos, err)
	}
	var out []*x509.Certificate
	for block, rest := pem.Decode(src); block != nil; block, rest = pem.Decode(rest) {
		c, err := x509.ParseCertificate(block.Bytes)
		if block.Type != "CERTIFICATE" || err != nil {
			return nil, fmt.Errorf("%s: file holds something else than certificates in PEM", file.Pos)
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: file holds no certificate in PEM", file.Pos)
	}
	return out, nil
}

// privateKey reads a key in PEM: PKCS #8, or the forms that RSA and EC keys had before.
func privateKey(fsys fs.FS, file specs.Text) (crypto.Signer, error) {
	src, err := specs.ReadAny(fsys, file.Value)
	if err != nil {
		return nil, fmt.Errorf("%s: key cannot be read: %w", file.Pos, err)
	}
	for block, rest := pem.Decode(src); block != nil; block, rest = pem.Decode(rest) {
		if k, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if s, ok := k.(crypto.Signer); ok {
				return s, nil
			}
		}
		if k, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
			return k, nil
		}
		if k, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
			return k, nil
		}
	}
	return nil, fmt.Errorf("%s: file holds no private key in PEM that can be used without a password", file.Pos)
}
