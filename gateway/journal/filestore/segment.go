// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"strings"

	"lintel/gateway/journal"
)

// A segment begins with a header frame; every other frame is one group of records, each with its
// length before it. A frame is: magic, length of its content, CRC-32C of length and content, content.
const (
	frameHead = 12
	// maxFrame bounds the content of a frame: one group, or one record that is larger than a group.
	maxFrame  = 64 << 20
	suffix    = ".journal"
	epochSize = 16
)

// Values that never change.
//
//nolint:gochecknoglobals // constant tables
var (
	magic       = []byte{0xb1, 'L', 'J', '1'}
	headerMagic = []byte("lintel journal 1\n")
	castagnoli  = crc32.MakeTable(crc32.Castagnoli)
)

// header is the content of the first frame.
type header struct {
	epoch [epochSize]byte
	// before is the number of the segment before this one, sealed the length up to which it counts.
	before, sealed uint64
}

func (h *header) append(b []byte) []byte {
	b = append(append(b, headerMagic...), h.epoch[:]...)
	b = binary.BigEndian.AppendUint64(b, h.before)
	return binary.BigEndian.AppendUint64(b, h.sealed)
}

func parseHeader(b []byte) (header, bool) {
	var h header
	rest, ok := bytes.CutPrefix(b, headerMagic)
	if !ok || len(rest) != epochSize+16 {
		return h, false
	}
	copy(h.epoch[:], rest)
	h.before = binary.BigEndian.Uint64(rest[epochSize:])
	h.sealed = binary.BigEndian.Uint64(rest[epochSize+8:])
	return h, true
}

// appendFrame writes a frame around what write appends.
func appendFrame(b []byte, write func([]byte) []byte) []byte {
	start := len(b)
	b = append(b, magic...)
	b = append(b, make([]byte, frameHead-len(magic))...)
	b = write(b)
	binary.BigEndian.PutUint32(b[start+4:], uint32(len(b)-start-frameHead))
	sum := crc32.Checksum(b[start+4:start+8], castagnoli)
	binary.BigEndian.PutUint32(b[start+8:], crc32.Update(sum, castagnoli, b[start+frameHead:]))
	return b
}

// frameAt returns the content of the frame that b begins with, or nil.
func frameAt(b []byte) []byte {
	if len(b) < frameHead || !bytes.Equal(b[:4], magic) {
		return nil
	}
	n := binary.BigEndian.Uint32(b[4:])
	if n > maxFrame || uint64(n) > uint64(len(b)-frameHead) {
		return nil
	}
	content := b[frameHead : frameHead+int(n)]
	if crc32.Update(crc32.Checksum(b[4:8], castagnoli), castagnoli, content) != binary.BigEndian.Uint32(b[8:]) {
		return nil
	}
	return content
}

// hasFrame looks for a good frame behind a bad one, but for those whose content may be passed over.
func hasFrame(b []byte, pass func(content []byte) bool) bool {
	for {
		i := bytes.Index(b, magic)
		if i < 0 {
			return false
		}
		if content := frameAt(b[i:]); content != nil && !pass(content) {
			return true
		}
		b = b[i+1:]
	}
}

// segment is one file.
type segment struct {
	number uint64
	file   File
	// size is where the next frame goes, room up to where the file has bytes for it (0 if that is not
	// known), live the number of entries whose last record is here.
	size, room int64
	live       int
}

func segmentName(number uint64) string { return fmt.Sprintf("%016d%s", number, suffix) }

// segmentNumbers finds the segments among the files.
func segmentNumbers(names []string) []uint64 {
	var out []uint64
	for _, name := range names {
		digits, ok := strings.CutSuffix(name, suffix)
		if !ok || len(digits) != 16 {
			continue
		}
		if n, err := strconv.ParseUint(digits, 10, 64); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// damaged makes the error that names the place a person has to look at.
func damaged(number uint64, offset int64, what string) error {
	return fmt.Errorf("%w: segment %s at offset %d: %s", journal.ErrDamaged, segmentName(number), offset, what)
}

// readAll reads a segment up to a length.
func (s *segment) readAll(limit int64) ([]byte, error) {
	size, err := s.file.Size()
	if err != nil {
		return nil, err
	}
	if limit >= 0 && size > limit {
		size = limit
	}
	b := make([]byte, size)
	if _, err := s.file.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b, nil
}

// replay reads the frames of a segment and hands on their records. It returns the length up to which
// the segment is good; what is behind it is the torn end of the last write.
func (s *segment) replay(b []byte, last bool, each func(journal.Entry, at)) (int64, error) {
	for off := int64(0); off < int64(len(b)); {
		content := frameAt(b[off:])
		if content == nil {
			switch {
			case hasFrame(b[off:], func([]byte) bool { return false }):
				return 0, damaged(s.number, off, "a damaged frame stands before a good one")
			case !last:
				return 0, damaged(s.number, off, "the segment is cut short, and a later one follows")
			}
			return off, nil
		}
		if off > 0 {
			if err := s.records(content, off+frameHead, each); err != nil {
				return 0, err
			}
		}
		off += frameHead + int64(len(content))
	}
	return int64(len(b)), nil
}

func (s *segment) records(content []byte, off int64, each func(journal.Entry, at)) error {
	for rest := content; len(rest) > 0; {
		n, used := binary.Uvarint(rest)
		if used <= 0 || n > uint64(len(rest)-used) {
			return damaged(s.number, off, "a record has a wrong length")
		}
		e, err := readRecord(rest[used : used+int(n)])
		if err != nil {
			return damaged(s.number, off, err.Error())
		}
		each(e, at{place: place{s.number, off + int64(used)}, length: uint32(n)})
		off += int64(used) + int64(n)
		rest = rest[used+int(n):]
	}
	return nil
}

func epochText(epoch [epochSize]byte) string { return hex.EncodeToString(epoch[:]) }
