// SPDX-License-Identifier: Apache-2.0

package wssec

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"io"
	"time"
)

// MaxKeys is how many keys can be tried.
const MaxKeys = 4

// Options say what is written into requests and what is demanded of replies.
type Options struct {
	// Username is who calls; nil for nobody.
	Username *Username
	// Timestamp is how long a request is valid; 0 writes no timestamp.
	Timestamp time.Duration
	// Sign is how requests are signed; nil for not at all.
	Sign *Sign
	// Encrypt is how the body of requests is encrypted; nil for not at all.
	Encrypt *Encrypt
	// Actor is the actor (SOAP 1.1) or role (1.2) of the security header; empty is the ultimate receiver.
	Actor string
	// Optional leaves mustUnderstand out of it.
	Optional bool
	// Attachments is what becomes of those that are not the content of an element, both ways.
	Attachments Attachments
	// Reply is what replies have to be.
	Reply Reply
}

// Username is a UsernameToken.
type Username struct {
	Name, Password string
	// Digest sends a digest over nonce, time and password instead of the password.
	Digest bool
}

// Attachments says how attachments are protected that are not the content of an element. That of MTOM is: it is
// signed and encrypted with the element it belongs to.
type Attachments string

// What can become of attachments.
const (
	// RefuseAttachments is for messages that have none: one with any is refused where messages are signed or encrypted.
	RefuseAttachments Attachments = ""
	// PlainAttachments travel without protection.
	PlainAttachments Attachments = "plain"
	// SignedAttachments are signed as they are (SwA Profile 1.1, Attachment-Content-Signature-Transform).
	SignedAttachments Attachments = "signed"
)

// Reference is how a certificate is named.
type Reference string

// The ways to name a certificate.
const (
	// ByToken puts the certificate into the message.
	ByToken Reference = "token"
	// ByIssuer names issuer and serial number.
	ByIssuer Reference = "issuerSerial"
	// ByKeyIdentifier names the subject key identifier, which the certificate must have.
	ByKeyIdentifier Reference = "keyIdentifier"
	// ByThumbprint names the SHA-1 of the certificate.
	ByThumbprint Reference = "thumbprint"
)

// Parts of a message that a signature can be over.
const (
	PartBody      = "body"
	PartTimestamp = "timestamp"
	PartUsername  = "username"
	PartHeaders   = "headers"
	PartToken     = "token"
)

// Sign is how requests are signed.
type Sign struct {
	Certificate *x509.Certificate
	// Key is an *rsa.PrivateKey or *ecdsa.PrivateKey.
	Key crypto.Signer
	// Reference is ByToken if it is empty.
	Reference Reference
	// Parts are what is signed; empty means the body and what there is of timestamp, username and headers.
	Parts []string
}

// Encrypt is how the body of requests is encrypted.
type Encrypt struct {
	// Certificate is that of the receiver.
	Certificate *x509.Certificate
	// Reference is ByIssuer if it is empty: the receiver has its certificate.
	Reference Reference
	// Cipher is aes256-gcm if it is empty; or aes128-gcm, aes256-cbc, aes128-cbc.
	Cipher string
}

// Reply is what replies have to be.
type Reply struct {
	// Signers are the certificates that are trusted: those of signers, and of authorities that issue
	// them. With none, no signature is looked at.
	Signers []*x509.Certificate
	// Decrypt are the keys that open what was encrypted, which are tried in turn; with any every body must be encrypted.
	// While hosts take over a new certificate, that of the old one is among them.
	Decrypt []*rsa.PrivateKey
	// Confirmed wants the reply to say, signed, that it answers a request with this signature (SignatureConfirmation).
	Confirmed bool
	// Timestamp is how old a reply may be; 0 does not ask for a timestamp. Skew is how much clocks may differ.
	Timestamp, Skew time.Duration
	// PlainFaults lets faults pass that are neither signed nor encrypted: anybody on the way can make one.
	PlainFaults bool
	// SHA1 and CBC take what is not used any more.
	SHA1, CBC bool
}

// Policy secures requests and checks replies. It is pure: the same input gives the same bytes. It is safe
// for concurrent use.
type Policy struct{ o Options }

// Inputs are what a message needs besides itself.
type Inputs struct {
	// Now is the time.
	Now time.Time
	// Random gives random bytes; crypto/rand.Reader, but for tests.
	Random io.Reader
	// MediaType is that of the message; empty if it is not known.
	MediaType string
	// Signature is the value of the signature of the request, where a reply is opened that has to confirm it.
	Signature string
}

// New checks the options. Errors name the option and never hold a secret.
func New(o Options) (*Policy, error) {
	if u := o.Username; u != nil && u.Name == "" {
		return nil, errors.New("username: the name is empty")
	}
	if s := o.Sign; s != nil {
		if err := s.check(); err != nil {
			return nil, err
		}
	}
	if e := o.Encrypt; e != nil {
		if e.Cipher == "" {
			e.Cipher = "aes256-gcm"
		}
		if e.Reference == "" {
			e.Reference = ByIssuer
		}
		if _, ok := e.Certificate.PublicKey.(*rsa.PublicKey); !ok {
			return nil, errors.New("encrypt: the certificate has no RSA key")
		}
		if err := refersTo(e.Certificate, e.Reference); err != nil {
			return nil, errors.New("encrypt: " + err.Error())
		}
		if cipherOf(e.Cipher) == "" {
			return nil, errors.New("encrypt: there is no such cipher")
		}
	}
	if o.Attachments == SignedAttachments && o.Sign == nil {
		return nil, errors.New("attachments: requests are not signed")
	}
	if len(o.Reply.Decrypt) > MaxKeys {
		return nil, errors.New("key: there are more keys than are tried")
	}
	if o.Reply.Confirmed && (o.Sign == nil || len(o.Reply.Signers) == 0) {
		return nil, errors.New("confirmation: requests and replies are not both signed")
	}
	for _, c := range o.Reply.Signers {
		if !strong(c.PublicKey) {
			return nil, errors.New("signers: a certificate has a key that is too short or of an unknown kind")
		}
	}
	return &Policy{o}, nil
}

func (s *Sign) check() error {
	if s.Reference == "" {
		s.Reference = ByToken
	}
	switch k := s.Key.(type) {
	case *rsa.PrivateKey:
		if !k.PublicKey.Equal(s.Certificate.PublicKey) {
			return errors.New("sign: certificate and key do not belong together")
		}
	case *ecdsa.PrivateKey:
		if !k.PublicKey.Equal(s.Certificate.PublicKey) {
			return errors.New("sign: certificate and key do not belong together")
		}
	default:
		return errors.New("sign: the key is neither RSA nor ECDSA")
	}
	if !strong(s.Certificate.PublicKey) {
		return errors.New("sign: the key is too short")
	}
	if err := refersTo(s.Certificate, s.Reference); err != nil {
		return errors.New("sign: " + err.Error())
	}
	return nil
}

// strong tells whether a key is one that signatures are taken of: RSA from 2048 bits, ECDSA from P-256.
func strong(key crypto.PublicKey) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen() >= 2048
	case *ecdsa.PublicKey:
		return k.Curve.Params().BitSize >= 256
	}
	return false
}

// refersTo tells whether a certificate can be named that way.
func refersTo(c *x509.Certificate, r Reference) error {
	switch r {
	case ByToken, ByIssuer, ByThumbprint:
		return nil
	case ByKeyIdentifier:
		if len(c.SubjectKeyId) == 0 {
			return errors.New("the certificate has no subject key identifier")
		}
		return nil
	}
	return errors.New("there is no such reference")
}

// cipherOf is the algorithm that a word names.
func cipherOf(word string) string {
	return map[string]string{"aes128-gcm": aes128GCM, "aes256-gcm": aes256GCM, "aes128-cbc": aes128CBC, "aes256-cbc": aes256CBC}[word]
}
