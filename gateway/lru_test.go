// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"testing"
	"time"
)

// TestLRU: it is bounded in number and in bytes, the least used go, and nothing outlives its time.
func TestLRU(t *testing.T) {
	l := newLRU(1000, 10_000)
	now := time.Now()
	for i := range 100 {
		l.put(cacheKey{byte(i)}, &kept{body: make([]byte, 600), made: now})
		if n, bytes := l.state(); bytes > 10_000 || n > 12 {
			t.Fatalf("%d answers of %d bytes", n, bytes)
		}
	}
	has := func(key byte, at time.Time) bool {
		k, age := l.get(cacheKey{key}, at, time.Hour)
		if k != nil && age != max(0, at.Sub(now)) {
			t.Errorf("age %s", age)
		}
		return k != nil
	}
	if !has(99, now) || has(0, now) {
		t.Error("the last used do not stay")
	}
	l.put(cacheKey{99}, &kept{body: make([]byte, 2000), made: now})
	if has(99, now) {
		t.Error("one answer of more than an eighth is kept")
	}
	for range 3 {
		l.put(cacheKey{1}, &kept{body: make([]byte, 100), made: now})
	}
	if !has(1, now.Add(-time.Hour)) || !has(1, now.Add(time.Hour-1)) || has(1, now.Add(time.Hour)) || has(1, now) {
		t.Error("an answer outlives its time, or does not live so long")
	}
	// One that is used stays, though others came later.
	l = newLRU(2, 10_000)
	for _, key := range []byte{1, 2} {
		l.put(cacheKey{key}, &kept{made: now})
	}
	if !has(1, now) {
		t.Error("it is not there")
	}
	l.put(cacheKey{3}, &kept{made: now})
	if !has(1, now) || has(2, now) || !has(3, now) {
		t.Error("the one that was used went")
	}
	if n, bytes := l.state(); n != len(l.byKey) || n != 2 || bytes <= 0 {
		t.Errorf("%d in order, %d by key, %d bytes", n, len(l.byKey), bytes)
	}
}
