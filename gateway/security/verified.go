// SPDX-License-Identifier: Apache-2.0

package security

import (
	"crypto/sha256"
	"math"
	"sync"
	"time"

	"lintel/gateway"
)

// maxVerified is how many tokens are remembered at most in each of the two halves of a verified.
const maxVerified = 5000

// verified remembers tokens that were verified, so that the signature of a token that comes with every
// call is checked once. A token is found by its hash alone, and only while the keys are those that it
// was verified with: a key that its issuer takes back takes the token with it. Whether it is still
// current is asked for every call.
type verified struct {
	mu           sync.RWMutex
	young, older map[[sha256.Size]byte]*remembered
}

// remembered is a verified token.
type remembered struct {
	identity *gateway.Identity // shared: it must not be changed
	keys     *keySet
	// from and until bound its time in seconds, without the skew.
	from, until float64
}

// find returns a token that was verified with these keys, or nil.
func (v *verified) find(hash [sha256.Size]byte, keys *keySet) *remembered {
	v.mu.RLock()
	r, old := v.young[hash], false
	if r == nil {
		r, old = v.older[hash], true
	}
	v.mu.RUnlock()
	if r == nil || r.keys != keys || keys == nil {
		return nil
	}
	if old {
		v.add(hash, r)
	}
	return r
}

// add remembers a token. When the young half is full it becomes the older one, which is forgotten: what
// is in use comes back from there.
func (v *verified) add(hash [sha256.Size]byte, r *remembered) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.young == nil || len(v.young) >= maxVerified {
		v.older, v.young = v.young, map[[sha256.Size]byte]*remembered{}
	}
	v.young[hash] = r
}

// current reports whether a token is valid now.
func (r *remembered) current(now time.Time, skew time.Duration) bool {
	at, slack := float64(now.UnixMilli())/1000, skew.Seconds()
	return at < r.until+slack && at >= r.from-slack
}

// times are the bounds of a token's time: it is current from the later of nbf and iat until exp. ok is
// false if one of them is no date or exp is missing.
func (c claims) times() (from, until float64, ok bool) {
	until, there, ok := c.date("exp")
	if !there || !ok {
		return 0, 0, false
	}
	from = math.Inf(-1)
	for _, name := range []string{"nbf", "iat"} {
		at, there, ok := c.date(name)
		if !ok {
			return 0, 0, false
		}
		if there {
			from = max(from, at)
		}
	}
	return from, until, true
}
