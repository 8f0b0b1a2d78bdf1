// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"encoding/binary"
	"errors"
	"time"

	"lintel/gateway/journal"
)

// recordVersion is the first byte of every record.
const recordVersion = 1

// Flags of a record.
const (
	flagContested = 1 << iota
	flagUntold
)

// appendRecord writes a whole entry.
func appendRecord(b []byte, e *journal.Entry) []byte {
	b = append(b, recordVersion, byte(e.State), flags(e))
	b = append(b, e.ID[:]...)
	b = append(b, e.Parent[:]...)
	b = append(b, e.Fingerprint[:]...)
	for _, t := range []time.Time{e.Begun, e.Changed, e.Deadline} {
		n := int64(0)
		if !t.IsZero() {
			n = t.UnixNano()
		}
		b = binary.AppendVarint(b, n)
	}
	for _, s := range []string{e.Step, e.Operation, e.Backend, e.Version, e.Owner, e.Proof} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, s := range [][]byte{e.Who, e.Request, e.Reply} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}

func flags(e *journal.Entry) byte {
	var b byte
	if e.Contested {
		b |= flagContested
	}
	if e.Untold {
		b |= flagUntold
	}
	return b
}

var errRecord = errors.New("record cannot be read")

// reader takes a record apart; the first fault stays.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if r.bad || n < 0 || n > len(r.b) {
		r.bad = true
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) bytes() []byte {
	n, used := binary.Uvarint(r.b)
	if used <= 0 || n > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	r.b = r.b[used:]
	return r.take(int(n))
}

func (r *reader) time() time.Time {
	n, used := binary.Varint(r.b)
	if used <= 0 {
		r.bad = true
		return time.Time{}
	}
	r.b = r.b[used:]
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n)
}

// readRecord reads what appendRecord wrote. The slices of the entry are its own.
func readRecord(b []byte) (journal.Entry, error) {
	r := &reader{b: append([]byte(nil), b...)}
	var e journal.Entry
	head := r.take(3)
	if r.bad || head[0] != recordVersion {
		return e, errRecord
	}
	e.State, e.Contested, e.Untold = journal.State(head[1]), head[2]&flagContested != 0, head[2]&flagUntold != 0
	copy(e.ID[:], r.take(len(e.ID)))
	copy(e.Parent[:], r.take(len(e.Parent)))
	copy(e.Fingerprint[:], r.take(len(e.Fingerprint)))
	for _, t := range []*time.Time{&e.Begun, &e.Changed, &e.Deadline} {
		*t = r.time()
	}
	for _, s := range []*string{&e.Step, &e.Operation, &e.Backend, &e.Version, &e.Owner, &e.Proof} {
		*s = string(r.bytes())
	}
	for _, s := range []*[]byte{&e.Who, &e.Request, &e.Reply} {
		if v := r.bytes(); len(v) > 0 {
			*s = v
		}
	}
	if r.bad || len(r.b) != 0 || e.State < journal.Intent || e.State > journal.InDoubt || e.ID.IsZero() {
		return e, errRecord
	}
	return e, nil
}
