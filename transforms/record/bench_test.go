// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// benchRecord is one of the four records of the benchmarks.
type benchRecord struct {
	name, book, doc string
	decode          func(h *hand, dst, msg []byte) ([]byte, error)
	encode          func(h *hand, dst []byte, d *jsontext.Decoder, b *bytes.Buffer, doc []byte) ([]byte, error)
}

func benchRecords() []benchRecord {
	return []benchRecord{
		{"mixed", bookMixed(), docMixed(), (*hand).decodeMixed, (*hand).encodeMixed},
		{"display", bookDisplay(), docDisplay(), (*hand).decodeDisplay, (*hand).encodeDisplay},
		{"packed", bookPacked(), docPacked(), (*hand).decodePacked, (*hand).encodePacked},
		{"list", bookList(), docList(), (*hand).decodeList, (*hand).encodeList},
	}
}

// TestHandAgrees makes sure that the benchmarks compare two codecs that do the same.
func TestHandAgrees(t *testing.T) {
	h := newHand(page(t, "cp037"))
	for _, r := range benchRecords() {
		c := compile(t, r.book, Options{})
		msg, err := c.EncodeJSON(nil, []byte(r.doc))
		if err != nil {
			t.Fatalf("%s: %v", r.name, err)
		}
		d, b := jsontext.NewDecoder(&bytes.Buffer{}), &bytes.Buffer{}
		byHand, err := r.encode(h, nil, d, b, []byte(r.doc))
		if err != nil || !bytes.Equal(byHand, msg) {
			t.Errorf("%s: by hand %x, %v\ncodec %x", r.name, byHand, err, msg)
		}
		js, err := c.DecodeJSON(nil, msg)
		if err != nil || string(js) != r.doc {
			t.Errorf("%s: %.300s, %v\nwant %.300s", r.name, js, err, r.doc)
		}
		twice := strings.Replace(r.doc, "{", "{"+firstMember(r.doc)+",", 1)
		if _, err := r.encode(h, nil, d, b, []byte(twice)); err == nil {
			t.Errorf("%s: by hand a member that is there twice is taken", r.name)
		}
		if _, err := c.EncodeJSON(nil, []byte(twice)); err == nil {
			t.Errorf("%s: a member that is there twice is taken", r.name)
		}
		js, err = r.decode(h, nil, msg)
		if err != nil || string(js) != r.doc {
			t.Errorf("%s: by hand %.300s, %v\nwant %.300s", r.name, js, err, r.doc)
		}
	}
}

// BenchmarkDecode and BenchmarkEncode measure the codec against the hand-written one, turn by turn
// in one run. The metric "ratio" is the codec's time divided by that of the other: less is better.
// The metrics in MB/s are those of each on one core, in bytes of the record.
func BenchmarkDecode(b *testing.B) {
	h := newHand(page(b, "cp037"))
	for _, r := range benchRecords() {
		c := compile(b, r.book, Options{})
		msg, err := c.EncodeJSON(nil, []byte(r.doc))
		if err != nil {
			b.Fatal(err)
		}
		var one, other []byte
		b.Run(r.name, func(b *testing.B) {
			turns(b, len(msg), func() (err error) {
				one, err = r.decode(h, one[:0], msg)
				return err
			}, func() (err error) {
				other, err = c.DecodeJSON(other[:0], msg)
				return err
			})
		})
	}
}

func firstMember(doc string) string {
	first, _, _ := strings.Cut(doc[1:], ",")
	return first
}

func BenchmarkEncode(b *testing.B) {
	h := newHand(page(b, "cp037"))
	for _, r := range benchRecords() {
		c := compile(b, r.book, Options{})
		doc := []byte(r.doc)
		other, err := c.EncodeJSON(nil, doc)
		if err != nil {
			b.Fatal(err)
		}
		var one []byte
		d, buf := jsontext.NewDecoder(&bytes.Buffer{}), &bytes.Buffer{}
		b.Run(r.name, func(b *testing.B) {
			turns(b, len(other), func() (err error) {
				one, err = r.encode(h, one[:0], d, buf, doc)
				return err
			}, func() (err error) {
				other, err = c.EncodeJSON(other[:0], doc)
				return err
			})
		})
	}
}

// turns runs hand and plan in turn, some dozen kilobytes of records each, and reports the median of
// the ratios of turns side by side, so that what else the machine does falls on both.
func turns(b *testing.B, size int, hand, plan func() error) {
	times := max(1, 1<<15/size)
	run := func(f func() error) float64 {
		start := time.Now()
		for range times {
			if err := f(); err != nil {
				b.Fatal(err)
			}
		}
		return float64(time.Since(start).Nanoseconds())
	}
	run(hand)
	run(plan)
	var ratios, handTimes, planTimes []float64
	for b.Loop() {
		t1, t2 := run(hand), run(plan)
		t3, t4 := run(plan), run(hand) // whoever is second has no advantage
		ratios = append(ratios, t2/t1, t3/t4)
		handTimes = append(handTimes, t1, t4)
		planTimes = append(planTimes, t2, t3)
	}
	bytes := float64(times * size)
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(1e3*bytes/median(handTimes), "hand-MB/s")
	b.ReportMetric(1e3*bytes/median(planTimes), "plan-MB/s")
	b.ReportMetric(testing.AllocsPerRun(times, func() { _ = plan() }), "allocs/record")
	b.ReportMetric(0, "ns/op") // of both together it says nothing
}

func median(xs []float64) float64 {
	slices.Sort(xs)
	return xs[len(xs)/2]
}
