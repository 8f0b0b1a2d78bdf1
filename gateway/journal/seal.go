// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// MinSecret is the least length of the secret of a journal, in bytes.
const MinSecret = 32

// secrets are the keys that the secrets of a journal stand for.
type secrets struct {
	id, fingerprint *summers
	// aead encrypts; older ones only decrypt.
	aead  cipher.AEAD
	older []cipher.AEAD
	// contexts and plain are buffers: what is encrypted with goes to the heap otherwise.
	contexts, plain sync.Pool
}

func newSecrets(secret, encryption []byte, decryption [][]byte) (*secrets, error) {
	keys := [][]byte{secret}
	if encryption != nil {
		keys = [][]byte{encryption, secret}
	}
	keys = append(keys, decryption...)
	s := &secrets{}
	for i, k := range keys {
		if len(k) < MinSecret {
			return nil, fmt.Errorf("the secrets of the journal must have at least %d bytes", MinSecret)
		}
		aead, err := newAEAD(k)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			s.aead = aead
		} else {
			s.older = append(s.older, aead)
		}
	}
	s.id, s.fingerprint = newSummers(derive(secret, "id")), newSummers(derive(secret, "fingerprint"))
	return s, nil
}

func derive(secret []byte, use string) []byte {
	k, err := hkdf.Key(sha256.New, secret, nil, "lintel journal "+use, 32)
	if err != nil {
		panic(err) // only for lengths no hash can give
	}
	return k
}

func newAEAD(secret []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(derive(secret, "seal"))
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return aead, nil
}

// identify derives the name of an entry. Every part is written with its length, so that no two
// different lists of parts read the same.
func (s *secrets) identify(parts ...string) ID {
	m := s.id.take()
	for _, p := range parts {
		m.text.out = append(binary.BigEndian.AppendUint64(m.text.out, uint64(len(p))), p...)
	}
	sum := s.id.sum(m)
	var id ID
	copy(id[:], sum[:])
	return id
}

// What a sealed text is. It is part of what is authenticated: a reply cannot be put in the place of
// a request, nor in the entry of another.
const (
	sealWho     = 'w'
	sealRequest = 'r'
	sealReply   = 'a'
)

// appendWho writes the Who of a call. Bytes that are no UTF-8 were replaced before a tenant or key is made of them.
func appendWho(b []byte, c *Call) []byte {
	b = append(b, `{"tenant":`...)
	b, _ = jsontext.AppendQuote(b, c.Tenant)
	b = append(b, `,"key":`...)
	b, _ = jsontext.AppendQuote(b, c.Key)
	return append(b, '}')
}

// sealCall seals who begins an exchange and what it is made of, into one buffer.
func (s *secrets) sealCall(id ID, c *Call) (who, request []byte) {
	plain, _ := s.plain.Get().(*[]byte)
	if plain == nil {
		plain = new([]byte)
	}
	*plain = appendWho((*plain)[:0], c)
	b := make([]byte, 0, len(*plain)+len(c.Request)+2*overhead)
	b = s.seal(b, id, sealWho, *plain)
	s.plain.Put(plain)
	n := len(b)
	if c.Request != nil {
		b = s.seal(b, id, sealRequest, c.Request)
		request = b[n:]
	}
	return b[:n:n], request
}

// overhead is by how much a sealed text is longer than the text: a nonce and a tag.
const overhead = 12 + 16

// sealed is what a sealed text belongs to; it is authenticated with it.
type sealed [len(ID{}) + 1]byte

// context tells what is sealed.
func (s *secrets) context(id ID, what byte) *sealed {
	c, _ := s.contexts.Get().(*sealed)
	if c == nil {
		c = new(sealed)
	}
	copy(c[:], id[:])
	c[len(id)] = what
	return c
}

// seal appends the sealed text to dst; nothing for no text.
func (s *secrets) seal(dst []byte, id ID, what byte, text []byte) []byte {
	if text == nil {
		return dst
	}
	if dst == nil {
		dst = make([]byte, 0, len(text)+overhead)
	}
	c := s.context(id, what)
	dst = s.aead.Seal(dst, nil, text, c[:])
	s.contexts.Put(c)
	return dst
}

var errSeal = errors.New("journal: entry cannot be decrypted: none of the secrets is the one it was written with, or the entry was changed")

func (s *secrets) open(id ID, what byte, text []byte) ([]byte, error) {
	if len(text) == 0 {
		return nil, nil
	}
	c := s.context(id, what)
	defer s.contexts.Put(c)
	if plain, err := s.aead.Open(nil, nil, text, c[:]); err == nil {
		return plain, nil
	}
	for _, old := range s.older {
		if plain, err := old.Open(nil, nil, text, c[:]); err == nil {
			return plain, nil
		}
	}
	return nil, errSeal
}

// NewSecret makes a secret.
func NewSecret() []byte {
	secret := make([]byte, MinSecret)
	_, _ = rand.Read(secret) // never fails
	return secret
}
