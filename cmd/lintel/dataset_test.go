// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// readAll reads a dataset to its end; the records are copied.
func readAll(r *datasetReader) (records [][]byte, places []int64, err error) {
	for {
		rec, err := r.next()
		if errors.Is(err, io.EOF) {
			return records, places, nil
		}
		if err != nil {
			return records, places, err
		}
		if rec.number != int64(len(records)+1) {
			return nil, nil, fmt.Errorf("record %d is numbered %d", len(records)+1, rec.number)
		}
		records = append(records, bytes.Clone(rec.data))
		places = append(places, rec.offset)
	}
}

func fromHex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDatasetVectors pins the bytes of every framing, both ways.
func TestDatasetVectors(t *testing.T) {
	ab := []string{"c1c2", "c3"}
	for _, c := range []struct {
		name    string
		f       framing
		hex     string
		records []string
		places  []int64
		oneWay  bool // read only
	}{
		{name: "rdw", f: framing{kind: framingRDW}, hex: "00060000c1c2 00050000c3", records: ab, places: []int64{4, 10}},
		{name: "rdw, empty record", f: framing{kind: framingRDW}, hex: "00040000 00050000c3", records: []string{"", "c3"}, places: []int64{4, 8}},
		{name: "rdw little-endian", f: framing{kind: framingRDW, lengthLittle: true}, hex: "06000000c1c2 05000000c3", records: ab, places: []int64{4, 10}},
		{name: "rdw not counting itself", f: framing{kind: framingRDW, lengthIncludes: "payload"}, hex: "00020000c1c2 00010000c3", records: ab, places: []int64{4, 10}},
		{name: "rdw, length in the last bytes", f: framing{kind: framingRDW, lengthLittle: true, rdwOffset: 2}, hex: "00000600c1c2 00000500c3", records: ab, places: []int64{4, 10}},
		{name: "bdw", f: framing{kind: framingBDW}, hex: "000f0000 00060000c1c2 00050000c3", records: ab, places: []int64{8, 14}},
		{name: "bdw, two blocks", f: framing{kind: framingBDW, blockSize: 10}, hex: "000a0000 00060000c1c2 00090000 00050000c3", records: ab, places: []int64{8, 18}},
		{name: "bdw, long block", f: framing{kind: framingBDW}, hex: "8000000f 00060000c1c2 00050000c3", records: ab, places: []int64{8, 14}, oneWay: true},
		{name: "bdw, empty block", f: framing{kind: framingBDW}, hex: "00040000 00090000 00050000c3", records: []string{"c3"}, places: []int64{12}, oneWay: true},
		{name: "bdw little-endian", f: framing{kind: framingBDW, blockLittle: true}, hex: "0f000000 00060000c1c2 00050000c3", records: ab, places: []int64{8, 14}},
		{name: "bdw not counting itself", f: framing{kind: framingBDW, blockIncludes: "payload"}, hex: "000b0000 00060000c1c2 00050000c3", records: ab, places: []int64{8, 14}},
		{name: "length", f: framing{kind: framingLength}, hex: "00000002c1c2 00000001c3", records: ab, places: []int64{4, 10}},
		{name: "length of 1 byte with itself", f: framing{kind: framingLength, lengthBytes: 1, lengthIncludes: "self"}, hex: "03c1c2 02c3", records: ab, places: []int64{1, 4}},
		{name: "length of 3 bytes, little-endian", f: framing{kind: framingLength, lengthBytes: 3, lengthLittle: true}, hex: "020000c1c2 010000c3", records: ab, places: []int64{3, 8}},
		{name: "lines", f: framing{kind: framingLines}, hex: "c1c20a c30a", records: ab, places: []int64{0, 3}},
		{name: "lines, last without end", f: framing{kind: framingLines}, hex: "c1c20a c3", records: ab, places: []int64{0, 3}, oneWay: true},
		{name: "lines, CR LF", f: framing{kind: framingLines, lineEnd: "crlf"}, hex: "c1c20d0a c30d0a", records: ab, places: []int64{0, 4}},
		{name: "lines, CR LF, LF is data", f: framing{kind: framingLines, lineEnd: "crlf"}, hex: "c10a0d0a c30d0a", records: []string{"c10a", "c3"}, places: []int64{0, 4}},
		{name: "lines, CR is data", f: framing{kind: framingLines, lineEnd: "crlf"}, hex: "c10d0d0a", records: []string{"c10d"}, places: []int64{0}},
		{name: "lines, NL", f: framing{kind: framingLines, lineEnd: "nel15"}, hex: "c1c215 c315", records: ab, places: []int64{0, 3}},
		{name: "lines, X'25'", f: framing{kind: framingLines, lineEnd: "lf25"}, hex: "c1c225 c325", records: ab, places: []int64{0, 3}},
		{name: "whole", f: framing{kind: framingWhole}, hex: "c1c2c3", records: []string{"c1c2c3"}, places: []int64{0}},
		{name: "fixed", f: framing{kind: framingFixed, recordLength: 2}, hex: "c1c2 c3c4", records: []string{"c1c2", "c3c4"}, places: []int64{0, 2}},
		{name: "fixed, filled", f: framing{kind: framingFixed, recordLength: 2, fill: 0x40, hasFill: true, shortLast: shortFill}, hex: "c1c2 c3", records: []string{"c1c2", "c340"}, places: []int64{0, 2}, oneWay: true},
		{name: "fixed, short last kept", f: framing{kind: framingFixed, recordLength: 2, shortLast: shortKeep}, hex: "c1c2 c3", records: ab, places: []int64{0, 2}, oneWay: true},
		{name: "fixed, short last dropped", f: framing{kind: framingFixed, recordLength: 2, shortLast: shortDrop}, hex: "c1c2 c3", records: []string{"c1c2"}, places: []int64{0}, oneWay: true},
		{name: "fixed with margins", f: framing{kind: framingFixed, recordLength: 1, fileHeader: 2, fileTrailer: 1, recordHeader: 1, recordTrailer: 2}, hex: "0000 00c10000 00c20000 00", records: []string{"c1", "c2"}, places: []int64{3, 7}},
		{name: "rdw with margins", f: framing{kind: framingRDW, fileHeader: 1, fileTrailer: 3, recordHeader: 1, recordTrailer: 1}, hex: "00 00070000 00c100 000000", records: []string{"c1"}, places: []int64{6}},
		{name: "nothing", f: framing{kind: framingRDW}, hex: ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := c.f.withDefaults()
			data := fromHex(t, c.hex)
			for _, in := range []io.Reader{bytes.NewReader(data), iotest.OneByteReader(bytes.NewReader(data))} {
				records, places, err := readAll(newDatasetReader(in, f, 1000, 0x40))
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, r := range records {
					got = append(got, hex.EncodeToString(r))
				}
				if diff := cmp.Diff(c.records, got); diff != "" {
					t.Errorf("records (-want +got)\n%s", diff)
				}
				if diff := cmp.Diff(c.places, places); diff != "" {
					t.Errorf("places (-want +got)\n%s", diff)
				}
			}
			if c.oneWay {
				return
			}
			var out bytes.Buffer
			w := newDatasetWriter(&out, f)
			for _, r := range c.records {
				if err := w.write(fromHex(t, r)); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.close(); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), data) {
				t.Errorf("written %x, want %x", out.Bytes(), data)
			}
		})
	}
}

// TestDatasetRefused reads what is no dataset of its framing: every fault names its record and place.
func TestDatasetRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		f    framing
		hex  string
		want string
	}{
		{"rdw cut", framing{kind: framingRDW}, "00060000c1c2 0006", "record 2 at byte 6: the dataset ends within the record"},
		{"rdw record cut", framing{kind: framingRDW}, "00060000c1", "record 1 at byte 0: its length says 2 bytes, and the dataset ends after 1 of them: check framing, lengthOrder and lengthIncludes"},
		{"rdw less than itself", framing{kind: framingRDW}, "00030000", "less than its own 4"},
		{"rdw spanned", framing{kind: framingRDW}, "00060100c1c2", "record 1 at byte 0: it is a segment of a spanned record; spanned records are not read: unload the dataset as VB"},
		{"rdw with other bytes", framing{kind: framingRDW}, "00060010c1c2", "bytes other than zero"},
		{"rdw in the wrong place", framing{kind: framingRDW, rdwOffset: 2}, "00060000c1c2", "bytes other than zero"},
		{"rdw over the limit", framing{kind: framingRDW}, "7fff0000c1", "its length says 32763 bytes, and the limit is 1000"},
		{"bdw less than itself", framing{kind: framingBDW}, "00030000", "block descriptor word says 3 bytes"},
		{"bdw with other bytes", framing{kind: framingBDW}, "000f0001", "block descriptor word has bytes other than zero"},
		{"bdw, record over its end", framing{kind: framingBDW}, "00090000 00060000c1c2", "longer than the rest of its block"},
		{"bdw with a rest", framing{kind: framingBDW}, "000b0000 00050000c1 0000", "record 2 at byte 9: its block has 2 bytes left"},
		{"bdw cut", framing{kind: framingBDW}, "000f0000 0006", "ends within the record"},
		{"rdw without its record", framing{kind: framingRDW}, "00060000", "ends after 0 of them"},
		{"bdw without records", framing{kind: framingBDW}, "000f0000", "ends within the record"},
		{"length over the limit", framing{kind: framingLength}, "ffffffffc1", "its length says 4294967295 bytes"},
		{"length less than itself", framing{kind: framingLength, lengthIncludes: "self"}, "00000003", "less than its own 4"},
		{"length cut", framing{kind: framingLength}, "0000", "ends within the record"},
		{"fixed cut", framing{kind: framingFixed, recordLength: 4}, "c1c2c3c4 c1", "record 2 at byte 4: the dataset ends after 1 of its 4 bytes"},
		{"no room for margins", framing{kind: framingRDW, recordHeader: 2}, "00050000c1", "less than recordHeader and recordTrailer"},
		{"header cut", framing{kind: framingRDW, fileHeader: 4}, "0005", "byte 2: the dataset ends within its header"},
		{"trailer cut", framing{kind: framingRDW, fileTrailer: 4}, "0005", "shorter than fileTrailer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := readAll(newDatasetReader(bytes.NewReader(fromHex(t, c.hex)), c.f.withDefaults(), 1000, 0x40))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestDatasetBounds reads and writes records just below, at and above the limits.
func TestDatasetBounds(t *testing.T) {
	const limit = 100_000 // more than is read at once
	for _, kind := range []string{framingLength, framingLines, framingWhole} {
		f := framing{kind: kind}.withDefaults()
		for _, n := range []int{limit - 1, limit, limit + 1} {
			var out bytes.Buffer
			w := newDatasetWriter(&out, f)
			if err := cmpOr(w.write(bytes.Repeat([]byte{0x41}, n)), w.close()); err != nil {
				t.Fatal(err)
			}
			records, _, err := readAll(newDatasetReader(&out, f, limit, 0x40))
			if fits := n <= limit; fits != (err == nil) || fits && (len(records) != 1 || len(records[0]) != n) {
				t.Errorf("%s, %d bytes: %d records, error %v", kind, n, len(records), err)
			}
		}
	}
	for _, c := range []struct {
		f       framing
		longest int
	}{
		{framing{kind: framingRDW}, maxBlock - 4},
		{framing{kind: framingBDW}, maxBlock - 8},
		{framing{kind: framingBDW, blockSize: 100}, 92},
		{framing{kind: framingLength, lengthBytes: 1}, 255},
		{framing{kind: framingLength, lengthBytes: 2, lengthIncludes: "self"}, 65533},
		{framing{kind: framingFixed, recordLength: 5, hasFill: true}, 5},
	} {
		w := newDatasetWriter(io.Discard, c.f.withDefaults())
		if err := w.write(make([]byte, c.longest)); err != nil {
			t.Errorf("%s: %d bytes: %v", c.f.kind, c.longest, err)
		}
		var de *datasetError
		if err := w.write(make([]byte, c.longest+1)); !errors.As(err, &de) {
			t.Errorf("%s: %d bytes: error %v, want refusal", c.f.kind, c.longest+1, err)
		}
		if err := w.write(nil); err != nil {
			t.Errorf("%s: a record after a refused one: %v", c.f.kind, err)
		}
	}
}

func cmpOr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestDatasetWriterRefuses writes records that the framing cannot hold.
func TestDatasetWriterRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		f    framing
		recs []string
		want string
	}{
		{"line end in a line", framing{kind: framingLines}, []string{"c10ac2"}, "contains the bytes that end a line"},
		{"short record", framing{kind: framingFixed, recordLength: 3}, []string{"c1"}, "it has 1 bytes of 3"},
		{"two records of a whole", framing{kind: framingWhole}, []string{"c1", "c2"}, "one record only"},
	} {
		w := newDatasetWriter(io.Discard, c.f.withDefaults())
		var err error
		for _, r := range c.recs {
			err = w.write(fromHex(t, r))
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

// TestDatasetMemory promises much and gives little: what is allocated follows what is there.
func TestDatasetMemory(t *testing.T) {
	f := framing{kind: framingLength}.withDefaults()
	data := []byte{0x07, 0xff, 0xff, 0xff, 1, 2, 3}
	allocated := testing.Benchmark(func(b *testing.B) {
		for range b.N {
			_, _, _ = readAll(newDatasetReader(bytes.NewReader(data), f, 1<<30, 0x40))
		}
	}).AllocedBytesPerOp()
	if allocated > 4*datasetBuffer {
		t.Errorf("%d bytes are allocated for a dataset of %d bytes", allocated, len(data))
	}
}

// FuzzDataset reads anything by any framing: no panic, places in order, and what was read writes back to
// records that read the same.
func FuzzDataset(f *testing.F) {
	for _, seed := range []string{"00060000c1c200050000c3", "000f000000060000c1c200050000c3", "00000002c1c2", "c1c20ac30a", "8000000f00060000c1c200050000c3", "ffffffff"} {
		f.Add(fromHex(f, seed), uint16(0), uint8(0))
		f.Add(fromHex(f, seed), uint16(0x1234), uint8(3))
	}
	kinds := []string{framingFixed, framingRDW, framingBDW, framingLines, framingLength, framingWhole}
	f.Fuzz(func(t *testing.T, data []byte, bits uint16, n uint8) {
		bit := func(i int) bool { return bits>>i&1 == 1 }
		fr := framing{
			kind: kinds[int(n)%len(kinds)], recordLength: 1 + int(n>>4), lengthBytes: 1 + int(bits&3), lengthLittle: bit(2),
			rdwOffset: int(bits >> 3 & 1 * 2), blockLittle: bit(4), shortLast: shortLast(bits >> 5 & 3), fill: 0x40, hasFill: true,
			fileHeader: int(bits >> 7 & 1), fileTrailer: int(bits >> 8 & 1), recordHeader: int(bits >> 9 & 1), recordTrailer: int(bits >> 10 & 1),
			lineEnd: lineEndWords()[bits>>11&3],
		}.withDefaults()
		if bit(13) {
			fr.lengthIncludes = "payload"
		}
		if bit(14) {
			fr.blockIncludes = "payload"
		}
		const limit = 300
		records, places, _ := readAll(newDatasetReader(bytes.NewReader(data), fr, limit, 0x40))
		if !slices.IsSorted(places) {
			t.Fatalf("places are out of order: %v", places)
		}
		var out bytes.Buffer
		w := newDatasetWriter(&out, fr)
		var written [][]byte
		for _, r := range records {
			if len(r) > limit {
				t.Fatalf("record of %d bytes, the limit is %d", len(r), limit)
			}
			if err := w.write(r); err != nil {
				var de *datasetError
				if !errors.As(err, &de) {
					t.Fatal(err)
				}
				continue
			}
			if fr.kind == framingFixed {
				r = append(r, bytes.Repeat([]byte{fr.fill}, fr.recordLength-len(r))...)
			}
			written = append(written, r)
		}
		if err := w.close(); err != nil {
			t.Fatal(err)
		}
		if fr.kind == framingWhole && len(written) == 0 {
			return // no record and an empty one are the same
		}
		again, _, err := readAll(newDatasetReader(&out, fr, limit+1, 0x40))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if diff := cmp.Diff(written, again); diff != "" {
			t.Fatalf("written and read again (-want +got)\n%s", diff)
		}
	})
}

// BenchmarkDataset reads records of 100 bytes.
func BenchmarkDataset(b *testing.B) {
	for _, kind := range []string{framingFixed, framingRDW, framingBDW, framingLines, framingLength} {
		b.Run(kind, func(b *testing.B) {
			f := framing{kind: kind, recordLength: 100}.withDefaults()
			var out bytes.Buffer
			w := newDatasetWriter(&out, f)
			for range 1000 {
				if err := w.write(bytes.Repeat([]byte{0xC1}, 100)); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.close(); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(out.Len()))
			b.ReportAllocs()
			for b.Loop() {
				r := newDatasetReader(bytes.NewReader(out.Bytes()), f, 1000, 0x40)
				for {
					if _, err := r.next(); err != nil {
						break
					}
				}
			}
		})
	}
}
