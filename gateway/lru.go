// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"container/list"
	"crypto/sha256"
	"sync"
	"time"

	"lintel/transforms"
)

// kept is an answer as it can be given again.
type kept struct {
	status  int
	body    []byte
	headers []transforms.Header
	outcome string
	made    time.Time
}

// size is about how many bytes it takes.
func (k *kept) size() int {
	n := len(k.body) + 256
	for _, h := range k.headers {
		n += len(h.Name) + len(h.Value) + 32
	}
	return n
}

// keep copies an answer that was made at a time.
func keep(o *transforms.Output, made time.Time) *kept {
	return &kept{
		status: o.Status, body: append([]byte(nil), o.Body...), headers: append([]transforms.Header(nil), o.Headers...),
		outcome: o.Outcome, made: made,
	}
}

// output is the answer again.
func (k *kept) output() transforms.Output {
	return transforms.Output{Status: k.status, Body: k.body, Headers: k.headers, Outcome: k.outcome}
}

type cacheKey [sha256.Size]byte

// lru keeps answers: bounded in number and bytes, the least used go first. It is safe for concurrent use.
type lru struct {
	entries, bytes int

	mu    sync.Mutex
	used  int
	order list.List // of *lruEntry, the last used first
	byKey map[cacheKey]*list.Element
}

type lruEntry struct {
	key  cacheKey
	kept *kept
}

func newLRU(entries, bytes int) *lru {
	return &lru{entries: entries, bytes: bytes, byKey: map[cacheKey]*list.Element{}}
}

// get returns an answer that is kept and younger than most, and how old it is.
func (l *lru) get(key cacheKey, now time.Time, most time.Duration) (k *kept, age time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.byKey[key]
	if e == nil {
		return nil, 0
	}
	entry, _ := e.Value.(*lruEntry)
	if age = max(0, now.Sub(entry.kept.made)); age >= most {
		l.drop(e)
		return nil, 0
	}
	l.order.MoveToFront(e)
	return entry.kept, age
}

func (l *lru) put(key cacheKey, k *kept) {
	size := k.size()
	l.mu.Lock()
	defer l.mu.Unlock()
	if old := l.byKey[key]; old != nil {
		l.drop(old)
	}
	if size > l.bytes/8 { // one answer must not drive out all others
		return
	}
	l.byKey[key] = l.order.PushFront(&lruEntry{key, k})
	l.used += size
	for l.used > l.bytes || l.order.Len() > l.entries {
		l.drop(l.order.Back())
	}
}

func (l *lru) drop(e *list.Element) {
	entry, _ := l.order.Remove(e).(*lruEntry)
	delete(l.byKey, entry.key)
	l.used -= entry.kept.size()
}

// state tells how full it is.
func (l *lru) state() (entries, bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.order.Len(), l.used
}
