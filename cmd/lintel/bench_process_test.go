// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// asServer is the environment variable that makes the test binary a server of benchmarks: bare, recorded or hand,
// in front of the host at serverHost. It ends when its standard input does.
const (
	asServer   = "LINTEL_TEST_AS_SERVER"
	serverHost = "LINTEL_TEST_SERVER_HOST"
)

// costPath is where a server of benchmarks says what it has cost: processor time in nanoseconds, syncs of the journal.
const costPath = "/bench-cost"

// serveBenchmark is the server.
func serveBenchmark(kind string) {
	testing.Benchmark(func(b *testing.B) {
		host := os.Getenv(serverHost)
		mux, syncs := http.NewServeMux(), func() float64 { return 0 }
		switch kind {
		case "bare":
			mux.Handle("/", benchHouse(b, host).gateway)
		case "recorded":
			h := recordedHouse(b, host)
			mux.Handle("/", h.gateway)
			syncs = func() float64 { return journalGroups(b, h) }
		case "hand":
			hand := newHandwritten(host)
			defer hand.close()
			mux.Handle("/", hand)
		default:
			b.Fatal(kind)
		}
		mux.HandleFunc(costPath, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprintln(w, int64(cpuTime()), syncs())
		})
		fmt.Println(serveHTTP(b, mux))
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
	})
}

// benchServer is a server of benchmarks in a process of its own, as a gateway is: what it does and what clients
// and host do is scheduled by the operating system, not by one runtime.
type benchServer struct {
	tb      testing.TB
	address string
}

func startBenchServer(tb testing.TB, kind, host string) *benchServer {
	tb.Helper()
	exe, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.CommandContext(tb.Context(), exe)
	cmd.Env = append(os.Environ(), asServer+"="+kind, serverHost+"="+host)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		tb.Fatalf("the server %q does not start: %v", kind, err)
	}
	return &benchServer{tb: tb, address: strings.TrimSpace(line)}
}

// cost is the processor time of this process and of the server until now, and the syncs of its journal.
func (s *benchServer) cost() (cpu time.Duration, syncs float64) {
	s.tb.Helper()
	resp, err := http.Get("http://" + s.address + costPath)
	if err != nil {
		s.tb.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var own int64
	if _, err := fmt.Fscan(resp.Body, &own, &syncs); err != nil {
		s.tb.Fatal(err)
	}
	return cpuTime() + time.Duration(own), syncs
}
