// SPDX-License-Identifier: Apache-2.0

package transforms_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/transforms"
	"lintel/transforms/codepage"
)

const (
	benchParams = `{"path":{},"query":{},"header":{},"cookie":{}}`
	benchBody   = `{"customer":"0000004711","name":"Maria Fernandez-Lopez","street":"Calle Mayor 14","city":"Zaragoza","postcode":"50001",` +
		`"country":"ES","product":"LIFE01","tariff":2024,"sum":250000.00,"premium":-83.45,"discount":2.5,"rate":-1.125,"term":25,"age":41,` +
		`"children":2,"smoker":"N","risk":-120045,"channel":"WEB","agent":7001234,"note":"call after six"}`
)

// quotes compiles the workspace of the gateway's benchmark: a record of 20 mixed fields.
func quotes(tb testing.TB) compiled {
	tb.Helper()
	all, findings := compileWorkspace(os.DirFS("../cmd/lintel/testdata/bench"))
	one, ok := all["quote"]
	if !ok || findings.HasErrors() {
		tb.Fatalf("workspace does not compile:\n%v", findings)
	}
	return one
}

func benchHand(tb testing.TB) *handQuote {
	tb.Helper()
	page, err := codepage.Lookup("cp037")
	if err != nil {
		tb.Fatal(err)
	}
	return newHandQuote(page)
}

// turns measures two ways of doing the same thing turn by turn, so that whatever else the machine
// does meets both, and reports the median of ours/peer as the metric "ratio": less is better. The
// turns are short, so that most of them are not interrupted.
func turns(b *testing.B, ours, peer func() error) {
	b.Helper()
	const batch, rounds = 8, 25
	measure := func(f func() error) time.Duration {
		start := time.Now()
		for range batch {
			if err := f(); err != nil {
				b.Fatal(err)
			}
		}
		return time.Since(start)
	}
	measure(ours)
	measure(peer)
	var ratios, a, p []float64
	for b.Loop() {
		for range rounds {
			t1, t2 := measure(ours), measure(peer)
			ratios = append(ratios, float64(t1)/float64(t2))
			a, p = append(a, float64(t1.Nanoseconds())/batch), append(p, float64(t2.Nanoseconds())/batch)
		}
	}
	median := func(xs []float64) float64 {
		slices.Sort(xs)
		return xs[len(xs)/2]
	}
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(median(a), "ours-ns")
	b.ReportMetric(median(p), "peer-ns")
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(testing.AllocsPerRun(100, func() { _ = ours() }), "ours-allocs")
}

// TestHandwrittenAgrees holds the two sides of the benchmarks to the same bytes.
func TestHandwrittenAgrees(t *testing.T) {
	h, q := benchHand(t), quotes(t)
	rec, err := h.encode(nil, []byte(benchBody))
	if err != nil {
		t.Fatal(err)
	}
	back, err := h.decode(nil, rec)
	if err != nil || string(back) != benchBody {
		t.Errorf("by hand %s, %v", back, err)
	}
	r := q.Start()
	defer r.Release()
	m, err := r.Request(benchInput())
	if err != nil || !bytes.Equal(m.Body, rec) {
		t.Errorf("record %x, %v\nby hand %x", m.Body, err, rec)
	}
	out, err := r.Reply(transforms.Message{Body: rec})
	if err != nil || string(out.Body) != benchBody || out.Invalid != nil {
		t.Errorf("answer %s, %v, %v", out.Body, out.Invalid, err)
	}
}

func benchInput() transforms.Input {
	return transforms.Input{Params: []byte(benchParams), Body: []byte(benchBody)}
}

// BenchmarkTransform compares a transform, contract checked both ways, with the same by hand and
// without a contract: the request, the reply, and both together.
func BenchmarkTransform(b *testing.B) {
	h, q := benchHand(b), quotes(b)
	in := benchInput()
	rec, err := h.encode(nil, in.Body)
	if err != nil {
		b.Fatal(err)
	}
	var msg, doc []byte
	encode := func() error { msg, err = h.encode(msg[:0], in.Body); return err }
	decode := func() error { doc, err = h.decode(doc[:0], rec); return err }
	b.Run("request", func(b *testing.B) {
		turns(b, func() error {
			r := q.Start()
			defer r.Release()
			_, err := r.Request(in)
			return err
		}, encode)
	})
	b.Run("reply", func(b *testing.B) {
		r := q.Start()
		defer r.Release()
		turns(b, func() error {
			_, err := r.Reply(transforms.Message{Body: rec})
			return err
		}, decode)
	})
	b.Run("both", func(b *testing.B) {
		turns(b, func() error {
			r := q.Start()
			defer r.Release()
			if _, err := r.Request(in); err != nil {
				return err
			}
			out, err := r.Reply(transforms.Message{Body: rec})
			if err == nil && out.Invalid != nil {
				return out.Invalid
			}
			return err
		}, func() error {
			if err := encode(); err != nil {
				return err
			}
			return decode()
		})
	})
}

// bank compiles the bank example.
func bank(tb testing.TB, operation string) compiled {
	tb.Helper()
	all, findings := compileWorkspace(os.DirFS("../examples/bank"))
	one, ok := all[operation]
	if !ok {
		tb.Fatalf("%s does not compile:\n%v", operation, findings)
	}
	return one
}

// openingBody is a body of one kilobyte with nested objects in an array.
func openingBody() []byte {
	b := []byte(`{"type":"current","currency":"EUR","branch":1234,"overdraftLimit":2500.00,"owners":[`)
	for i, name := range []string{"Maria Fernandez-Lopez", "Johann Sebastian Weber", "Anna-Katharina Lindqvist", "Giuseppe Di Lorenzo", "Zofia Kowalska-Nowak"} {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"name":"`+name+`","role":"joint","address":{"street":"Calle Mayor 14, piso tercero","postcode":"28013-ES","city":"Madrid de Arriba","country":"ES"}}`...)
	}
	return append(b, `]}`...)
}

// BenchmarkBody compares the whole way of a body of one kilobyte into its record, contract checked,
// with jsontext reading its tokens and doing nothing with them.
func BenchmarkBody(b *testing.B) {
	t := bank(b, "openAccount")
	in := transforms.Input{Params: []byte(`{"path":{},"query":{},"header":{"Idempotency-Key":"0190a4f0-0000-7000-8000-000000000001"},"cookie":{}}`), Body: openingBody()}
	d, buffer := jsontext.NewDecoder(&bytes.Buffer{}), &bytes.Buffer{}
	turns(b, func() error {
		r := t.Start()
		defer r.Release()
		_, err := r.Request(in)
		return err
	}, func() error { return readTokens(d, buffer, in.Body) })
	b.ReportMetric(float64(len(in.Body)), "body-bytes")
}

// readTokens reads all tokens of a document.
func readTokens(d *jsontext.Decoder, b *bytes.Buffer, doc []byte) error {
	*b = *bytes.NewBuffer(doc)
	d.Reset(b)
	for {
		if _, err := d.ReadToken(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
