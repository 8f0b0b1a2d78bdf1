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
)

// MinSecret is the least length of the secret of a journal, in bytes.
const MinSecret = 32

// secrets are the keys that the secrets of a journal stand for.
type secrets struct {
	id, fingerprint *summers
	// aead encrypts; older ones only decrypt.
	aead  cipher.AEAD
	older []cipher.AEAD
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

func (s *secrets) seal(id ID, what byte, text []byte) []byte {
	if text == nil {
		return nil
	}
	return s.aead.Seal(nil, nil, text, append(id[:], what))
}

var errSeal = errors.New("journal: entry cannot be decrypted: none of the secrets is the one it was written with, or the entry was changed")

func (s *secrets) open(id ID, what byte, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	context := append(id[:], what)
	if text, err := s.aead.Open(nil, nil, sealed, context); err == nil {
		return text, nil
	}
	for _, old := range s.older {
		if text, err := old.Open(nil, nil, sealed, context); err == nil {
			return text, nil
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
