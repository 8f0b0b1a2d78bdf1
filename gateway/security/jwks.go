// SPDX-License-Identifier: Apache-2.0

package security

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"strings"
)

const (
	// maxKeySet bounds a document with keys, or of discovery, in bytes.
	maxKeySet = 256 << 10
	// maxSetKeys bounds the keys of a set.
	maxSetKeys = 100
	// RSA keys below the minimum can be broken; ones above the maximum take too long.
	minRSABits, maxRSABits = 2048, 8192
)

// publicKey is one key of an issuer with what it may be used for.
type publicKey struct {
	id  string
	alg string // the only algorithm, or empty
	key crypto.PublicKey
}

// keySet is the keys of an issuer. It is not changed once made.
type keySet struct{ keys []publicKey }

// jwk is a JSON Web Key (RFC 7517) as far as public keys for signatures need it (RFC 7518, 8037).
type jwk struct {
	Kty string   `json:"kty"`
	Use string   `json:"use"`
	Ops []string `json:"key_ops"`
	Alg string   `json:"alg"`
	Kid string   `json:"kid"`
	N   string   `json:"n"`
	E   string   `json:"e"`
	Crv string   `json:"crv"`
	X   string   `json:"x"`
	Y   string   `json:"y"`
}

// ParseKeySet reads a JSON Web Key Set and returns how many of its keys can verify tokens. It is
// what a file of keys is checked with before it is served.
func ParseKeySet(doc []byte) (int, error) {
	set, err := parseKeySet(doc)
	if err != nil {
		return 0, err
	}
	return len(set.keys), nil
}

// parseKeySet reads a set. Keys that are of no use here are passed over, as RFC 7517, 5 wants: of
// an unknown type, for encryption, symmetric, or too weak. A set without any other is an error.
func parseKeySet(doc []byte) (*keySet, error) {
	if len(doc) > maxKeySet {
		return nil, errors.New("key set is too large")
	}
	var raw struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(doc, &raw); err != nil {
		return nil, errors.New("key set is not JSON of the right form")
	}
	if len(raw.Keys) > maxSetKeys {
		return nil, errors.New("key set has too many keys")
	}
	set := &keySet{}
	for _, text := range raw.Keys {
		var k jwk
		if json.Unmarshal(text, &k) != nil {
			continue
		}
		if k.Use != "" && k.Use != "sig" || k.Ops != nil && !slices.Contains(k.Ops, "verify") {
			continue
		}
		if key := k.public(); key != nil {
			set.keys = append(set.keys, publicKey{k.Kid, k.Alg, key})
		}
	}
	if len(set.keys) == 0 {
		return nil, errors.New("key set has no key that can verify a token")
	}
	return set, nil
}

// public returns the key, nil if it is of no use.
func (k *jwk) public() crypto.PublicKey {
	switch k.Kty {
	case "RSA":
		n, e := number(k.N), number(k.E)
		if n == nil || e == nil || n.BitLen() < minRSABits || n.BitLen() > maxRSABits || n.Bit(0) == 0 {
			return nil
		}
		if !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 || e.Bit(0) == 0 {
			return nil
		}
		return &rsa.PublicKey{N: n, E: int(e.Int64())}
	case "EC":
		return k.curve()
	case "OKP":
		x, err := base64.RawURLEncoding.DecodeString(k.X)
		if k.Crv != "Ed25519" || err != nil || len(x) != ed25519.PublicKeySize {
			return nil
		}
		return ed25519.PublicKey(x)
	}
	return nil
}

// curve returns a key of an elliptic curve, nil if it is not a point of it.
func (k *jwk) curve() crypto.PublicKey {
	var c elliptic.Curve
	switch k.Crv {
	case "P-256":
		c = elliptic.P256()
	case "P-384":
		c = elliptic.P384()
	case "P-521":
		c = elliptic.P521()
	default:
		return nil
	}
	size := (c.Params().BitSize + 7) / 8
	x, errX := base64.RawURLEncoding.DecodeString(k.X)
	y, errY := base64.RawURLEncoding.DecodeString(k.Y)
	if errX != nil || errY != nil || len(x) != size || len(y) != size {
		return nil
	}
	key, err := ecdsa.ParseUncompressedPublicKey(c, slices.Concat([]byte{4}, x, y))
	if err != nil {
		return nil
	}
	return key
}

func number(text string) *big.Int {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) == 0 || len(b) > maxRSABits/8+1 {
		return nil
	}
	return new(big.Int).SetBytes(b)
}

// find returns the key for a token. With an id it must be that of the key; without one there must
// be a single key that fits the algorithm, so that a caller cannot make the gateway try them all.
func (s *keySet) find(id, alg string) crypto.PublicKey {
	var found crypto.PublicKey
	for _, k := range s.keys {
		if id != "" && k.id != id || k.alg != "" && k.alg != alg || !fits(k.key, alg) {
			continue
		}
		if found != nil {
			return nil
		}
		found = k.key
	}
	return found
}

// fits reports whether an algorithm is one of the type of the key: never one with a shared secret.
func fits(key crypto.PublicKey, alg string) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(alg, "RS") || strings.HasPrefix(alg, "PS")
	case *ecdsa.PublicKey:
		return alg == map[string]string{"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}[k.Curve.Params().Name]
	case ed25519.PublicKey:
		return alg == "EdDSA"
	}
	return false
}
