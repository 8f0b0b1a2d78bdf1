// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"

	"lintel/adapters/adaptertest"
	"lintel/adapters/amqp/broker"
)

// doctored runs the command and returns its exit code and the steps by host, those that failed, or told what is not known, with a mark.
func doctored(t *testing.T, env map[string]string, args ...string) (int, map[string][]string) {
	t.Helper()
	for k, v := range env {
		t.Setenv(k, v)
	}
	var out, talk bytes.Buffer
	code := run(t.Context(), append([]string{"doctor", "--output", "json", "--timeout", "1m"}, args...), &out, &talk)
	var report struct {
		FormatVersion string
		Hosts         []examined
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatalf("%v\n%s%s", err, out.String(), talk.String())
	}
	steps := map[string][]string{}
	for _, h := range report.Hosts {
		for _, s := range h.Steps {
			if !s.OK {
				if s.Detail == "" || s.Hint == "" {
					t.Errorf("%s, %s: nothing is said", h.Name, s.Step)
				}
				s.Step += "!"
			} else if s.Detail != "" {
				s.Step += "?"
			}
			steps[h.Name] = append(steps[h.Name], s.Step)
		}
	}
	return code, steps
}

func TestDoctor(t *testing.T) {
	want := func(got []string, steps ...string) {
		t.Helper()
		if !slices.Equal(got, steps) {
			t.Errorf("got %v, want %v", got, steps)
		}
	}
	all := []string{"resolve", "connect", "login", "queue", "reply address", "round trip"}
	b, err := broker.Start(t.Context(), broker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	code, steps := doctored(t, map[string]string{"MQ_ADDRESS": b.Address()}, "--backend", "orders", "--backend", "shipping", "--backend", "orderEvents", "../../examples/orders")
	if code != exitOK {
		t.Errorf("exit code %d", code)
	}
	want(steps["orders"], all...)
	want(steps["shipping"], all[:4]...)
	want(steps["orderEvents"], append(all[:4:4], "backout")...)

	// A broker that refuses a link from or to the backout queue, or from the queue.
	for _, tt := range []struct {
		address, condition string
		reads              bool
		steps              []string
	}{
		{"ORDERS.EVENTS.BACKOUT", "amqp:not-found", true, []string{"queue", "backout!"}},
		{"ORDERS.EVENTS.BACKOUT", "amqp:unauthorized-access", true, []string{"queue", "backout?"}}, // it cannot be told
		{"ORDERS.EVENTS.BACKOUT", "amqp:unauthorized-access", false, []string{"queue", "backout!"}},
		{"ORDERS.EVENTS", "amqp:not-found", true, []string{"queue!"}},
		{"ORDERS.EVENTS", "amqp:unauthorized-access", false, []string{"queue", "backout"}}, // nothing is put there
	} {
		strict, err := broker.Start(t.Context(), broker.Options{Refuse: func(address string, reads bool) string {
			if address == tt.address && reads == tt.reads {
				return tt.condition
			}
			return ""
		}})
		if err != nil {
			t.Fatal(err)
		}
		code, steps := doctored(t, map[string]string{"MQ_ADDRESS": strict.Address()}, "--backend", "orderEvents", "../../examples/orders")
		want(steps["orderEvents"], append([]string{"resolve", "connect", "login"}, tt.steps...)...)
		if failed := strings.HasSuffix(tt.steps[len(tt.steps)-1], "!"); failed != (code == exitUnreachable) {
			t.Errorf("%s %s: exit code %d", tt.address, tt.condition, code)
		}
		_ = strict.Close()
	}

	closed, err := broker.Start(t.Context(), broker.Options{User: "u", Password: "p", NoDynamic: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = closed.Close() }()
	code, steps = doctored(t, map[string]string{"MQ_ADDRESS": closed.Address()}, "--backend", "orders", "../../examples/orders")
	want(steps["orders"], "resolve", "connect", "login!")
	if code != exitUnreachable {
		t.Errorf("exit code %d", code)
	}

	// A port where nobody listens any more, and a name that cannot be.
	gone := adaptertest.Reserve(t)
	code, steps = doctored(t, map[string]string{"CORE_ADDRESS": gone}, "../../examples/bank")
	want(steps["core"], "resolve", "connect!")
	if code != exitUnreachable {
		t.Errorf("exit code %d", code)
	}
	_, steps = doctored(t, map[string]string{"CORE_ADDRESS": "no-such-host.invalid:1"}, "../../examples/bank")
	want(steps["core"], "resolve!")

	here, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = here.Close() }()
	// Somebody listens, and the program that the ping asks does not run; nobody pings a backend that has none.
	code, steps = doctored(t, map[string]string{"CORE_ADDRESS": here.Addr().String(), "FRAUD_URL": "http://" + here.Addr().String()}, "--backend", "core", "--backend", "fraud", "../../examples/bank")
	want(steps["core"], "resolve", "connect", "probe", "ping!")
	want(steps["fraud"], "resolve", "connect", "probe")
	if code != exitUnreachable {
		t.Errorf("exit code %d", code)
	}
	sims := &simulation{ctx: t.Context(), p: &program{stdout: io.Discard, stderr: io.Discard, env: noEnv}, log: logging{Logger: slog.New(slog.DiscardHandler)}, on: true}
	defer sims.close()
	if _, err := sims.backends(mustCompile(t, "../../examples/bank", noEnv)); err != nil {
		t.Fatal(err)
	}
	patient := copyWorkspace(t, "../../examples/bank", map[string]string{"every: 5s, timeout: 1s": "every: 1m, timeout: 20s"})
	code, steps = doctored(t, map[string]string{"CORE_ADDRESS": sims.hosts["core"].Address()}, "--backend", "core", patient)
	want(steps["core"], "resolve", "connect", "probe", "ping")
	if code != exitOK {
		t.Errorf("exit code %d", code)
	}
	var out, talk bytes.Buffer
	if code := run(t.Context(), []string{"doctor", "--backend", "nothing", "../../examples/bank"}, &out, &talk); code != exitUsage {
		t.Errorf("exit code %d: %s", code, talk.String())
	}
	if code := run(t.Context(), []string{"doctor", "--backend", "core", "--timeout", "1m", patient}, &out, &talk); code != exitOK || !strings.Contains(out.String(), "ok    ping") {
		t.Errorf("exit code %d: %s", code, out.String())
	}
}
