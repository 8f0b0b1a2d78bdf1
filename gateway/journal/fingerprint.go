// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"sync"
)

// Fingerprint sums up a request under a secret, so that whoever has the journal learns nothing about
// requests by trying them.
type Fingerprint [sha256.Size]byte

// Fingerprint sums up JSON documents by their meaning: the order of members, white space, the
// spelling of texts (escapes) and of numbers (1.50 and 15e-1) make no difference. Every digit of a
// number counts. A document that is no JSON is summed up by its bytes; nil differs from every document.
func (j *Journal) Fingerprint(documents ...[]byte) Fingerprint {
	m := j.secrets.fingerprint.take()
	for _, d := range documents {
		start := len(m.text.out)
		m.text.out = append(m.text.out, make([]byte, 8)...)
		m.text.canonical(d)
		binary.BigEndian.PutUint64(m.text.out[start:], uint64(len(m.text.out)-start-8))
	}
	return j.secrets.fingerprint.sum(m)
}

// summers make sums under one key. They keep what a sum needs for the next.
type summers struct{ pool sync.Pool }

// summer makes one sum, of text.out.
type summer struct {
	mac  hash.Hash
	text canonizer
	sum  [sha256.Size]byte
}

func newSummers(key []byte) *summers {
	s := &summers{}
	s.pool.New = func() any { return &summer{mac: hmac.New(sha256.New, key)} }
	return s
}

// maxKept bounds the buffers that are kept, in bytes, maxMembers the members of a document there is room for.
const (
	maxKept    = 64 << 10
	maxMembers = 1 << 10
)

func (s *summers) take() *summer {
	m, _ := s.pool.Get().(*summer)
	m.mac.Reset()
	m.text.out = m.text.out[:0]
	return m
}

// sum returns the sum of what was written to m.text.out, which is not to be used after that.
func (s *summers) sum(m *summer) [sha256.Size]byte {
	m.mac.Write(m.text.out)
	m.mac.Sum(m.sum[:0])
	out := m.sum
	m.text.src = nil
	if cap(m.text.out)+cap(m.text.moved) <= maxKept && cap(m.text.members) <= maxMembers {
		s.pool.Put(m)
	}
	return out
}
