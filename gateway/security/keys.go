// SPDX-License-Identifier: Apache-2.0

package security

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"time"

	"lintel/gateway"
	"lintel/specs"
)

// Keys verifies API keys against their hashes.
type Keys struct {
	place place
	keys  map[[sha256.Size]byte]*specs.ClientKey
	now   func() time.Time
}

var _ gateway.Authenticator = (*Keys)(nil)

// NewKeys makes the authenticator of an API key scheme; now is the clock, nil for that of the system.
func NewKeys(s *specs.SecurityScheme, keys []*specs.ClientKey, now func() time.Time) *Keys {
	k := &Keys{place: place{s.In, s.Parameter}, keys: make(map[[sha256.Size]byte]*specs.ClientKey, len(keys)), now: now}
	if s.In == "header" {
		k.place.name = http.CanonicalHeaderKey(s.Parameter)
	}
	if now == nil {
		k.now = time.Now
	}
	for _, key := range keys {
		k.keys[key.Hash] = key
	}
	return k
}

// Authenticate implements gateway.Authenticator. Time tells nothing of the keys: what is looked up
// is the hash of what came, which nobody can steer towards one that is there.
func (k *Keys) Authenticate(r *http.Request) (*gateway.Identity, error) {
	text, err := k.place.key(r)
	if err != nil {
		return nil, err
	}
	return k.verify(text)
}

// verify finds out whose a key is.
func (k *Keys) verify(text string) (*gateway.Identity, error) {
	sum := sha256.Sum256([]byte(text))
	key := k.keys[sum]
	if key == nil || subtle.ConstantTimeCompare(sum[:], key.Hash[:]) != 1 {
		return nil, gateway.ErrBadCredential
	}
	if !key.Expires.IsZero() && !k.now().Before(key.Expires) {
		return nil, gateway.ErrBadCredential
	}
	return &gateway.Identity{Subject: key.Client, Client: key.Client, Roles: key.Roles}, nil
}
