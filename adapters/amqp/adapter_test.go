// SPDX-License-Identifier: Apache-2.0

package amqp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	driver "github.com/Azure/go-amqp"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/amqp"
	"lintel/adapters/amqp/amqptest"
	"lintel/adapters/amqp/broker"
	"lintel/specs"
)

// echo is a script that answers every request with itself.
func echo(int, []byte) adaptertest.Step { return adaptertest.Step{} }

// withHost starts a broker with a host and returns an adapter for its queue.
func withHost(t testing.TB, p peer, script adaptertest.Script, change func(*amqp.Options)) (*amqp.Adapter, *host) {
	t.Helper()
	queue := p.queue(newQueue())
	proxy := amqptest.StartProxy(t, p.address)
	h := startHost(t, p.dial, queue, proxy, script)
	return p.adapter(t, proxy.Address(), queue, change), h
}

func exchange(t testing.TB, a *amqp.Adapter, m adapters.Message, limit time.Duration) (adapters.Message, *adapters.Error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	got, err := a.Exchange(ctx, m)
	var e *adapters.Error
	if err != nil && !errors.As(err, &e) {
		t.Fatalf("got error %v, want an *adapters.Error", err)
	}
	return got, e
}

func wantEnd(t testing.TB, e *adapters.Error, kind adapters.Kind, fate adapters.Fate) {
	t.Helper()
	if e == nil || e.Kind != kind || e.Fate != fate {
		t.Errorf("got %v, want %v (%v)", e, kind, fate)
	}
}

// TestM09Dispositions: what the broker says about a request, or does not say, decides its fate.
func TestM09Dispositions(t *testing.T) {
	for name, tt := range map[string]struct {
		word broker.Word
		kind adapters.Kind
		fate adapters.Fate
	}{
		"rejected": {broker.Reject, adapters.Unreachable, adapters.NotSent},
		"released": {broker.Release, adapters.Unreachable, adapters.NotSent},
		"modified": {broker.Modify, adapters.Broken, adapters.InDoubt},
		"detach":   {broker.Detach, adapters.Broken, adapters.InDoubt},
		"cut":      {broker.Cut, adapters.Broken, adapters.InDoubt},
		"silence":  {broker.Silence, adapters.Timeout, adapters.InDoubt},
	} {
		for _, datagram := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, datagram %v", name, datagram), func(t *testing.T) {
				var calls atomic.Int64
				p := inMemory(t, broker.Options{Judge: func(address string) broker.Word {
					if address == "q" && calls.Add(1) == 1 {
						return tt.word
					}
					return broker.Accept
				}})
				a := p.adapter(t, p.address, "q", func(o *amqp.Options) { o.Datagram = datagram })
				limit := 20 * time.Second
				if tt.word == broker.Silence {
					limit = 50 * time.Millisecond
				}
				_, e := exchange(t, a, adapters.Message{Body: []byte("x")}, limit)
				for tt.word == broker.Silence && e != nil && e.Fate == adapters.NotSent && limit < 20*time.Second { // too short for this machine
					limit *= 4
					_, e = exchange(t, a, adapters.Message{Body: []byte("x")}, limit)
				}
				wantEnd(t, e, tt.kind, tt.fate)
				until(t, "the request at the broker", func() bool { return calls.Load() > 0 })
				if n := calls.Load(); n != 1 {
					t.Errorf("the broker was sent the request %d times", n)
				}
				if datagram {
					if _, e := exchange(t, a, adapters.Message{Body: []byte("y")}, 20*time.Second); e != nil {
						t.Errorf("the next one: %v", e)
					}
				}
			})
		}
	}
}

// TestM10NoCredit: a broker that takes nothing leaves every request unsent, each by its own deadline.
func TestM10NoCredit(t *testing.T) {
	p := inMemory(t, broker.Options{Credit: -1})
	a := p.adapter(t, p.address, "q", nil)
	if err := a.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, enough := context.WithCancel(t.Context())
	first := make(chan error)
	go func() { // holds the link, and must hold up nobody
		_, err := a.Exchange(ctx, adapters.Message{Body: []byte("x")})
		first <- err
	}()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_, e := exchange(t, a, adapters.Message{Body: []byte("x")}, 100*time.Millisecond)
			wantEnd(t, e, adapters.Timeout, adapters.NotSent)
		})
	}
	wg.Wait()
	enough()
	var e *adapters.Error
	errors.As(<-first, &e)
	wantEnd(t, e, adapters.Canceled, adapters.NotSent)
}

// TestNoWindow: a broker that gives credit and takes nothing all the same, as RabbitMQ does while it is short of memory, holds
// nobody up for longer than until its deadline, and a little. Nothing is sent later.
func TestNoWindow(t *testing.T) {
	var came atomic.Int64
	p := inMemory(t, broker.Options{NoWindow: true, Judge: func(string) broker.Word { came.Add(1); return broker.Accept }})
	a := p.adapter(t, p.address, "q", nil)
	if err := a.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if _, e := exchange(t, a, adapters.Message{Body: []byte("x")}, time.Second); e == nil || e.Fate != adapters.NotSent {
				t.Errorf("got %v, want not sent", e)
			}
		})
	}
	wg.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	o := amqp.Options{Address: p.address, Target: "q", Connect: time.Minute}
	if err := amqp.Diagnose(ctx, o, func(string, error) {}); err == nil {
		t.Error("a message went to the reply address and back")
	}
	if n := came.Load(); n > 0 {
		t.Errorf("%d messages were sent", n)
	}
}

func TestRefused(t *testing.T) {
	t.Run("login", func(t *testing.T) {
		p := inMemory(t, broker.Options{User: "u", Password: "p"})
		a := p.adapter(t, p.address, "q", func(o *amqp.Options) { o.SASL, o.User, o.Password = amqp.Plain, "u", "wrong" })
		_, e := exchange(t, a, adapters.Message{Body: []byte("x")}, 20*time.Second)
		wantEnd(t, e, adapters.Config, adapters.NotSent)
		if strings.Contains(e.Error(), "wrong") {
			t.Error("the error shows the password")
		}
		// Attempts are spaced out: the next one fails at once, and says when to come again; as long as the pause is not over.
		for attempts := uint64(0); attempts != a.Stats().Failed; {
			attempts = a.Stats().Failed
			_, e = exchange(t, a, adapters.Message{Body: []byte("x")}, 20*time.Second)
			wantEnd(t, e, adapters.Config, adapters.NotSent)
		}
		if e.RetryAfter <= 0 || a.Stats().Failed > 5 {
			t.Errorf("retry after %v, %d attempts", e.RetryAfter, a.Stats().Failed)
		}
	})
	t.Run("right login", func(t *testing.T) {
		p := inMemory(t, broker.Options{User: "u", Password: "p"})
		a := p.adapter(t, p.address, "q", func(o *amqp.Options) { o.SASL, o.User, o.Password = amqp.Plain, "u", "p" })
		if err := a.Probe(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("dynamic address", func(t *testing.T) {
		p := inMemory(t, broker.Options{NoDynamic: true})
		_, e := exchange(t, p.adapter(t, p.address, "q", nil), adapters.Message{Body: []byte("x")}, 20*time.Second)
		wantEnd(t, e, adapters.Config, adapters.NotSent)
	})
	t.Run("size of a reply", func(t *testing.T) {
		a, _ := withHost(t, inMemory(t, broker.Options{}), echo, func(o *amqp.Options) { o.MaxReply = 100 })
		_, e := exchange(t, a, adapters.Message{Body: make([]byte, 101)}, 20*time.Second)
		wantEnd(t, e, adapters.TooLarge, adapters.Applied)
		if _, e := exchange(t, a, adapters.Message{Body: make([]byte, 100)}, 20*time.Second); e != nil {
			t.Error(e)
		}
	})
}

// TestLargeMessages go in many frames, both ways.
func TestLargeMessages(t *testing.T) {
	a, _ := withHost(t, inMemory(t, broker.Options{}), echo, func(o *amqp.Options) { o.MaxReply = 4 << 20 })
	body := make([]byte, 3<<20)
	for i := range body {
		body[i] = byte(rand.Uint32())
	}
	got, e := exchange(t, a, adapters.Message{Body: body}, time.Minute)
	if e != nil || !bytes.Equal(got.Body, body) {
		t.Fatalf("%d bytes came back, %v", len(got.Body), e)
	}
}

// TestProperties sends all properties of the table and reads them back.
func TestProperties(t *testing.T) {
	p := inMemory(t, broker.Options{})
	a := p.adapter(t, p.address, "q", func(o *amqp.Options) { o.Ints, o.Durable = []string{"small"}, true })
	conn, err := p.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	session, err := conn.NewSession(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := session.NewReceiver(t.Context(), "q", nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan *driver.Message, 1)
	go func() {
		m, err := r.Receive(t.Context(), nil)
		if err != nil {
			return
		}
		_ = r.AcceptMessage(t.Context(), m)
		seen <- m
		s, err := session.NewSender(t.Context(), *m.Properties.ReplyTo, nil)
		if err != nil {
			return
		}
		_ = s.Send(t.Context(), &driver.Message{
			Header: m.Header, Data: [][]byte{[]byte("a"), []byte("b")}, Properties: m.Properties,
			ApplicationProperties: map[string]any{"u8": uint8(1), "f": 1.5, "n": nil, "id": driver.UUID{1}, "big": uint64(1 << 63), "t": time.Unix(0, 0)},
		}, nil)
	}()
	set := map[string]any{
		"subject": "s", "to": "t", "contentType": "c", "contentEncoding": "e", "groupId": "g", "replyToGroupId": "rg",
		"userId": []byte{1, 2}, "groupSequence": int64(7), "durable": false, "priority": int64(9), "ttl": int64(5),
		"application.text": "x", "application.whole": int64(1), "application.small": int64(2), "application.yes": true, "application.bytes": []byte{3},
	}
	for _, p := range specs.WireProperties("amqp") {
		if _, there := set[p.Name]; p.Request && !p.Open() && !there {
			t.Errorf("the table has %s, which this test does not set", p.Name)
		}
	}
	got, e := exchange(t, a, adapters.Message{Body: []byte("x"), Properties: set}, 20*time.Second)
	if e != nil {
		t.Fatal(e)
	}
	m := <-seen
	if m.Header.Durable || m.Header.Priority != 9 || m.Header.TTL <= time.Second {
		t.Errorf("header %+v: ttl is what is left of the deadline", m.Header)
	}
	want := map[string]any{"text": "x", "whole": int64(1), "small": int32(2), "yes": true, "bytes": []byte{3}}
	if diff := cmp.Diff(want, m.ApplicationProperties); diff != "" {
		t.Errorf("application properties (-want +got):\n%s", diff)
	}
	if string(got.Body) != "ab" {
		t.Errorf("body %q", got.Body)
	}
	reply := map[string]any{
		"application.u8": int64(1), "application.f": "1.5", "application.id": "01000000000000000000000000000000",
		"application.big": "9223372036854775808", "application.t": "1970-01-01T00:00:00Z",
		"subject": "s", "to": "t", "contentType": "c", "contentEncoding": "e", "groupId": "g", "replyToGroupId": "rg", "userId": []byte{1, 2},
		"groupSequence": int64(7), "durable": false, "priority": int64(9), "deliveryCount": int64(0),
	}
	for key := range got.Properties {
		p, known := specs.FindProperty("amqp", key)
		if !known || !p.Reply {
			t.Errorf("the reply has %s, which the table of properties does not have", key)
		}
	}
	for _, own := range []string{"messageId", "correlationId", "replyTo", "ttl"} {
		if got.Properties[own] == nil {
			t.Errorf("the reply has no %s", own)
		}
		delete(got.Properties, own)
	}
	if diff := cmp.Diff(reply, got.Properties); diff != "" {
		t.Errorf("properties of the reply (-want +got):\n%s", diff)
	}
}

// TestCanceledAnytime: callers that give up at any moment leave the connection as it was, also when their requests are
// about to be written: the broker keeps to the sequence of delivery-ids.
func TestCanceledAnytime(t *testing.T) {
	a, _ := withHost(t, inMemory(t, broker.Options{}), func(int, []byte) adaptertest.Step { return adaptertest.Step{} }, nil)
	if err := a.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 200 {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(rand.N(500*time.Microsecond), cancel)
				_, err := a.Exchange(ctx, adapters.Message{Body: []byte("x")})
				cancel()
				var e *adapters.Error
				if err != nil && (!errors.As(err, &e) || e.Kind != adapters.Canceled) {
					t.Errorf("%v", err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestPropertiesRefused(t *testing.T) {
	p := inMemory(t, broker.Options{})
	a := p.adapter(t, p.address, "q", func(o *amqp.Options) { o.Ints = []string{"small"} })
	for name, v := range map[string]any{
		"messageId": "x", "correlationId": "x", "replyTo": "x", "unknown": "x", "application.": "x", "priority": int64(256),
		"durable": "true", "subject": int64(1), "userId": true, "application.small": int64(1 << 40), "application.float": 1.5,
	} {
		_, e := exchange(t, a, adapters.Message{Body: []byte("x"), Properties: map[string]any{name: v}}, 20*time.Second)
		if e == nil || e.Fate != adapters.NotSent || e.Kind != adapters.Config {
			t.Errorf("%s: %v", name, e)
		}
	}
	if n := a.Stats().Connected; n != 0 {
		t.Errorf("%d connections were made for them", n)
	}
}

// TestBodies: the section that holds a request, and what comes back in it.
func TestBodies(t *testing.T) {
	for _, section := range []amqp.Section{amqp.Data, amqp.Text, amqp.Binary} {
		p := inMemory(t, broker.Options{})
		a := p.adapter(t, p.address, "q", func(o *amqp.Options) { o.Body, o.IBMMQ = section, true })
		conn, err := p.dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		session, err := conn.NewSession(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := session.NewReceiver(t.Context(), "q", nil)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				m, err := r.Receive(t.Context(), nil)
				if err != nil {
					return
				}
				_ = r.AcceptMessage(t.Context(), m)
				s, err := session.NewSender(t.Context(), *m.Properties.ReplyTo, nil)
				if err != nil {
					return
				}
				reply := &driver.Message{Data: m.Data, Value: m.Value, Properties: &driver.MessageProperties{CorrelationID: m.Properties.CorrelationID}}
				if string(m.GetData()) == "sequence" {
					reply.Data, reply.Sequence = nil, [][]any{{"x"}}
				}
				_ = s.Send(t.Context(), reply, nil)
			}
		}()
		if got, e := exchange(t, a, adapters.Message{Body: []byte("text \u00e9")}, 20*time.Second); e != nil || string(got.Body) != "text \u00e9" {
			t.Errorf("%v: %q, %v", section, got.Body, e)
		}
		switch section {
		case amqp.Text:
			_, e := exchange(t, a, adapters.Message{Body: []byte{0xC1}}, 20*time.Second)
			wantEnd(t, e, adapters.Config, adapters.NotSent)
		case amqp.Data:
			_, e := exchange(t, a, adapters.Message{Body: []byte("sequence")}, 20*time.Second)
			wantEnd(t, e, adapters.Framing, adapters.Applied)
		}
		_ = conn.Close()
	}
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]amqp.Options{
		"port":     {Address: "host", Target: "q"},
		"host":     {Address: ":5672", Target: "q"},
		"target":   {Address: "h:1"},
		"datagram": {Address: "h:1", Target: "q", Datagram: true, ReplyTo: "r"},
		"plain":    {Address: "h:1", Target: "q", SASL: amqp.Plain},
		"external": {Address: "h:1", Target: "q", SASL: amqp.External},
		"credit":   {Address: "h:1", Target: "q", Credit: -1},
	} {
		if _, err := amqp.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestCorrelation: a hundred thousand exchanges (a tenth with -short), random order and delays, replies twice
// and with ids of nobody. Every caller gets its own reply or none.
func TestCorrelation(t *testing.T) {
	runs, callers := 100_000, 1000
	if testing.Short() {
		runs = 10_000
	}
	a, h := withHost(t, inMemory(t, broker.Options{}), func(n int, _ []byte) adaptertest.Step {
		switch n % 10 {
		case 3:
			return adaptertest.Step{Do: adaptertest.Twice}
		case 5:
			return adaptertest.Step{Do: adaptertest.Chatter}
		case 7, 8:
			return adaptertest.Step{After: rand.N(20 * time.Millisecond)}
		}
		return adaptertest.Step{}
	}, func(o *amqp.Options) { o.Credit = 4 * callers })
	mismatched, failed := storm(t, a, runs, callers, 5*time.Minute)
	if mismatched != 0 || failed != 0 {
		t.Errorf("%d of %d exchanges got a reply that is not their own, %d got none", mismatched, runs, failed)
	}
	if h.ledger.Total() != runs {
		t.Errorf("the host saw %d requests, want %d", h.ledger.Total(), runs)
	}
	if a.Stats().Unmatched == 0 {
		t.Error("no reply was dropped: the storm did not happen")
	}
	t.Logf("%d exchanges, %d callers at once: 0 mismatched, %d replies dropped", runs, callers, a.Stats().Unmatched)
}

// storm makes exchanges and counts those with a foreign reply and those without one.
func storm(t testing.TB, a *amqp.Adapter, runs, callers int, limit time.Duration) (mismatched, failed int64) {
	var next, wrong, none atomic.Int64
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(runs); n = next.Add(1) {
				body := fmt.Sprintf("exchange %d", n)
				got, e := exchange(t, a, adapters.Message{Body: []byte(body)}, limit)
				switch {
				case e != nil:
					none.Add(1)
				case string(got.Body) != body:
					wrong.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return wrong.Load(), none.Load()
}
