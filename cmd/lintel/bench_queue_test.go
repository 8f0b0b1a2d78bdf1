// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io/fs"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"lintel/adapters/amqp/amqptest"
)

// overQueue is the benchmark's workspace with a queue in place of the TCP host.
func overQueue(tb testing.TB, wire string) fs.FS {
	tb.Helper()
	const tcp = "tcp:\n      address: ${env:BENCH_ADDRESS:-127.0.0.1:9301}\n      frame: {length: {bytes: 4, includes: self}}"
	out := fstest.MapFS{}
	from := os.DirFS("testdata/bench")
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(from, name)
		text := string(data)
		if name == "lintel.yaml" {
			if !strings.Contains(text, tcp) {
				tb.Fatal("the workspace of the benchmark is another one")
			}
			text = strings.Replace(text, tcp, wire, 1)
		}
		out[name] = &fstest.MapFile{Data: []byte(text)}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// benchRecord is the request of the benchmark as a record, for requesters that are no gateway.
func benchRecord(tb testing.TB) []byte {
	tb.Helper()
	p := mustCompile(tb, "testdata/bench", noEnv)
	codec := p.operations[0].transform.Request.Format.(interface {
		EncodeJSON(dst, json []byte) ([]byte, error)
	})
	raw, err := codec.EncodeJSON(nil, []byte(benchBody))
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

// against a requester: the gateway with HTTP, contract, record, breaker, metrics and access log, and the plainest requester
// of the same driver with the record alone, by as many callers. "speed-ratio" is the throughput of the gateway divided by
// that of the requester.
func againstRequester(b *testing.B, lintelAt string, exchange func(ctx context.Context, worker int) error) {
	const callers, requests = 64, 6000
	theirs := func() float64 {
		var next atomic.Int64
		var wg sync.WaitGroup
		begin := time.Now()
		for w := range callers {
			wg.Go(func() {
				for next.Add(1) <= requests {
					ctx, cancel := context.WithTimeout(b.Context(), patience)
					err := exchange(ctx, w)
					cancel()
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		return float64(time.Since(begin).Microseconds()) / requests
	}
	ours := func() float64 { return float64(load(b, lintelAt, "", requests, callers).Microseconds()) / requests }
	theirs()
	ours()
	metrics := map[string][]float64{}
	for round := 0; b.Loop(); round++ {
		var t, o float64
		if round%2 == 0 {
			t, o = theirs(), ours()
		} else {
			o, t = ours(), theirs()
		}
		for name, v := range map[string]float64{"speed-ratio": t / o, "requester-us/req": t, "lintel-us/req": o} {
			metrics[name] = append(metrics[name], v)
		}
	}
	for name, values := range metrics {
		b.ReportMetric(median(values), name)
	}
}

// BenchmarkGatewayAMQP is the gateway over AMQP against the plainest requester that go-amqp allows: the same broker (Qpid
// Proton's), host and number of callers.
func BenchmarkGatewayAMQP(b *testing.B) {
	broker := amqptest.Proton(b)
	queue := broker.Queue("BENCH")
	amqptest.Echo(b, broker.Dial, queue)
	h := benchHouseOf(b, overQueue(b, "amqp: {address: \""+broker.Address+"\", queue: "+queue+", credit: 1000}"), "")
	bare, body := amqptest.StartRequester(b, broker.Dial, queue), benchRecord(b)
	againstRequester(b, serveHTTP(b, h.gateway), func(ctx context.Context, _ int) error { return bare.Exchange(ctx, body) })
}
