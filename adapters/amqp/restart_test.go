// SPDX-License-Identifier: Apache-2.0

package amqp_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	driver "github.com/Azure/go-amqp"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/amqp"
	"lintel/adapters/amqp/amqptest"
	"lintel/adapters/amqp/broker"
)

// TestRestart kills the broker again and again under load. What callers were told is held against the ledger of
// the host: not sent means that the host never saw it, a reply that it saw it once, and nothing was seen twice.
func TestRestart(t *testing.T) {
	address := adaptertest.Reserve(t)
	b, err := broker.StartAt(t.Context(), address, broker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := peer{address: address, queue: func(s string) string { return s }, dial: func(ctx context.Context) (*driver.Conn, error) {
		return driver.Dial(ctx, "amqp://"+address, &driver.ConnOptions{SASLType: driver.SASLTypeAnonymous()})
	}}
	restarts(t, p, 10, func() {
		_ = b.Close()
		for {
			if b, err = broker.StartAt(context.Background(), address, broker.Options{}); err == nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	})
	_ = b.Close()
}

// TestRestartProton is TestRestart with another broker, killed as a process.
func TestRestartProton(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a broker")
	}
	b := amqptest.Proton(t)
	restarts(t, real(b), 3, func() { b.Kill(); b.Start() })
}

// TestExternal: over TLS a certificate logs in, and none is no login.
func TestExternal(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a broker")
	}
	b := amqptest.RabbitMQTLS(t)
	queue := b.Queue(newQueue())
	amqptest.Echo(t, b.Dial, queue)
	o := amqp.Options{Address: b.Address, Target: queue, ReplyTo: b.Queue(newQueue()), TLS: b.TLS, SASL: amqp.External, Connect: 20 * time.Second}
	a, err := amqp.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	got, err := a.Exchange(ctx, adapters.Message{Body: []byte("over TLS")})
	if err != nil || string(got.Body) != "over TLS" {
		t.Fatalf("%q, %v", got.Body, err)
	}
	for name, change := range map[string]func(*amqp.Options){
		"no certificate": func(o *amqp.Options) { o.TLS = o.TLS.Clone(); o.TLS.Certificates = nil },
		"unknown CA":     func(o *amqp.Options) { o.TLS = o.TLS.Clone(); o.TLS.RootCAs = nil },
		"no TLS":         func(o *amqp.Options) { o.TLS, o.SASL = nil, amqp.Anonymous },
	} {
		bad := o
		change(&bad)
		bad.Connect = 5 * time.Second
		refused, err := amqp.New(bad)
		if err != nil {
			t.Fatal(err)
		}
		_, err = refused.Exchange(ctx, adapters.Message{Body: []byte("x")})
		var e *adapters.Error
		if !errors.As(err, &e) || e.Fate != adapters.NotSent {
			t.Errorf("%s: %v", name, err)
		}
		_ = refused.Close()
	}
	var steps []string
	o.ReplyTo = b.Queue(newQueue()) // the adapter reads the other one
	if err := amqp.Diagnose(t.Context(), o, func(name string, err error) { steps = append(steps, fmt.Sprint(name, err)) }); err != nil {
		t.Errorf("%v: %v", steps, err)
	}
	diagnoseSource(t, b, o)
}

// diagnoseSource: RabbitMQ takes what is sent to a queue that does not exist, and drops it. That is found out.
func diagnoseSource(t *testing.T, b *amqptest.Broker, o amqp.Options) {
	t.Helper()
	o.Target = b.Kept(t, "LISTENED")
	for _, tt := range []struct{ queue, backout, failed string }{
		{o.Target, "", ""},
		{o.Target, b.Kept(t, "POISON"), ""},
		{o.Target, "/amq/queue/nowhere", "backout"},
		{o.Target, "/none/such", "backout"},
		{"/amq/queue/nowhere", "", "queue"},
	} {
		o.Target = tt.queue
		last := ""
		err := amqp.DiagnoseSource(t.Context(), o, tt.backout, func(name string, err error) {
			if last = ""; err != nil {
				last = name
			}
		})
		var e *adapters.Error
		if last != tt.failed || (err != nil) != (tt.failed != "") || err != nil && !errors.As(err, &e) {
			t.Errorf("queue %s, backout %q: %q fails: %v", tt.queue, tt.backout, last, err)
		}
	}
}

// survivor is a host that connects again when it is cut off.
func survivor(t *testing.T, p peer, queue string, ledger *adaptertest.Ledger) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			serveOnce(ctx, p, queue, ledger)
			time.Sleep(5 * time.Millisecond)
		}
	})
	t.Cleanup(func() { cancel(); wg.Wait() })
}

// serveOnce answers until the connection ends.
func serveOnce(ctx context.Context, p peer, queue string, ledger *adaptertest.Ledger) {
	conn, err := p.dial(ctx)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	session, err := conn.NewSession(ctx, nil)
	if err != nil {
		return
	}
	r, err := session.NewReceiver(ctx, queue, &driver.ReceiverOptions{Credit: 100})
	if err != nil {
		return
	}
	links := map[string]*driver.Sender{}
	for {
		m, err := r.Receive(ctx, nil)
		if err != nil || r.AcceptMessage(ctx, m) != nil {
			return
		}
		ledger.Add(m.GetData())
		to := *m.Properties.ReplyTo
		if links[to] == nil {
			if links[to], err = session.NewSender(ctx, to, nil); err != nil {
				delete(links, to)
				continue
			}
		}
		if _, err := links[to].SendWithReceipt(context.Background(), &driver.Message{
			Properties: &driver.MessageProperties{CorrelationID: m.Properties.CorrelationID}, Data: m.Data,
		}, nil); err != nil {
			return
		}
	}
}

// told is what a caller was told about one exchange.
type told struct {
	body  string
	right bool
	err   *adapters.Error
}

func restarts(t *testing.T, p peer, times int, restart func()) {
	ledger, queue := adaptertest.NewLedger(), p.queue(newQueue())
	survivor(t, p, queue, ledger)
	a := p.adapter(t, p.address, queue, func(o *amqp.Options) { o.Connect = 10 * time.Second })
	var wg sync.WaitGroup
	var stop, worked atomic.Bool
	var mu sync.Mutex
	var all []told
	for w := range 16 {
		wg.Go(func() {
			for n := 0; !stop.Load(); n++ {
				body := fmt.Sprintf("worker %d, exchange %d", w, n)
				got, e := exchange(t, a, adapters.Message{Body: []byte(body)}, 500*time.Millisecond)
				worked.CompareAndSwap(false, e == nil)
				mu.Lock()
				all = append(all, told{body, e == nil && string(got.Body) == body, e})
				mu.Unlock()
				if e != nil {
					time.Sleep(time.Millisecond)
				}
			}
		})
	}
	for range times {
		time.Sleep(200 * time.Millisecond)
		restart()
	}
	// It ends well: after the last restart exchanges work again, of those who call all the time too.
	// Attempts to connect come up to 10 seconds apart, and may take as long.
	for end := time.Now().Add(3 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, e := exchange(t, a, adapters.Message{Body: []byte("last")}, 5*time.Second); e == nil && worked.Load() {
			break
		} else if time.Now().After(end) {
			t.Fatalf("no exchange works after the restarts: %v", e)
		}
	}
	stop.Store(true)
	wg.Wait()
	time.Sleep(100 * time.Millisecond) // what is still on its way to the host arrives
	count := map[string]int{}
	for _, x := range all {
		seen := ledger.Times([]byte(x.body))
		switch {
		case seen > 1:
			t.Errorf("%s was seen %d times", x.body, seen)
		case x.err == nil && (!x.right || seen != 1):
			t.Errorf("%s: told applied, right %v, seen %d times", x.body, x.right, seen)
		case x.err != nil && x.err.Fate == adapters.NotSent && seen != 0:
			t.Errorf("%s: told not sent, and the host saw it: %v", x.body, x.err)
		}
		fate := "applied"
		if x.err != nil {
			fate = x.err.Fate.String()
		}
		count[fate]++
	}
	t.Logf("%d restarts: told %v", times, count)
	if count["applied"] == 0 || count["in doubt"]+count["not sent"] == 0 {
		t.Error("the restarts were not felt, or nothing worked")
	}
}
