// SPDX-License-Identifier: Apache-2.0

package tcp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/tcp"
)

// through starts an echoing host with a proxy in front of it, and an adapter behind a guard that has
// retries, as a gateway uses it.
func through(t *testing.T, o tcp.Options, fault func(n int) adaptertest.Fault) (*adapters.Guard, *adaptertest.Host, *adaptertest.Proxy) {
	t.Helper()
	host := adaptertest.StartHost(t, adaptertest.HostOptions{Framing: adaptertest.Framing{Bytes: o.Frame.Bytes}})
	proxy := adaptertest.StartProxy(t, adaptertest.Framing{Bytes: o.Frame.Bytes}, host.Address(), fault)
	o.Address = proxy.Address()
	return guarded(t, o), host, proxy
}

func guarded(t *testing.T, o tcp.Options) *adapters.Guard {
	t.Helper()
	a, err := tcp.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return behind(t, a)
}

type exchanger func(context.Context, adapters.Message) (adapters.Message, error)

func (e exchanger) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	return e(ctx, m)
}

func behind(t *testing.T, a adapters.Adapter) *adapters.Guard {
	t.Helper()
	g, err := adapters.NewGuard("core", a, adapters.GuardOptions{Retries: 2, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	return g
}

func ask(g *adapters.Guard, body []byte, limit time.Duration) ([]byte, error) {
	m, err := g.Exchange(context.Background(), adapters.Call{Message: adapters.Message{Body: body}, Timeout: limit})
	return m.Body, err
}

const patience = time.Minute

func none(int) adaptertest.Fault { return adaptertest.Fault{} }

// always does harm to every connection.
func always(f adaptertest.Fault) func(int) adaptertest.Fault {
	return func(int) adaptertest.Fault { return f }
}

// first does harm to the first connection only.
func first(f adaptertest.Fault) func(int) adaptertest.Fault {
	return func(n int) adaptertest.Fault {
		if n == 0 {
			return f
		}
		return adaptertest.Fault{}
	}
}

// TestN04NoReply: the request arrived and nothing comes back: in doubt at the deadline, once in the ledger.
func TestN04NoReply(t *testing.T) {
	g, host, proxy := through(t, tcp.Options{}, always(adaptertest.Fault{SwallowReplies: true}))
	want(t, outOfTime(g, host, []byte("one request")), adapters.Timeout, adapters.InDoubt)
	eventuallyOnce(t, host, "one request")
	proxy.Set(adaptertest.Fault{})
	if got, err := ask(g, []byte("another"), patience); err != nil || string(got) != "another" {
		t.Errorf("%q, %v", got, err)
	}
}

// outOfTime asks with so little time that the reply does not come.
func outOfTime(g *adapters.Guard, host *adaptertest.Host, body []byte) error {
	return adaptertest.OutOfTime(host.Ledger(), body, func(limit time.Duration) error {
		_, err := ask(g, body, limit)
		return err
	})
}

func eventuallyOnce(t *testing.T, host *adaptertest.Host, request string) {
	t.Helper()
	for range 10_000 {
		if host.Ledger().Times([]byte(request)) > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if n := host.Ledger().Times([]byte(request)); n != 1 {
		t.Errorf("the host saw the request %d times", n)
	}
}

// TestN05ResetBehindTheRequest, on a connection that was used before.
func TestN05ResetBehindTheRequest(t *testing.T) {
	g, host, _ := through(t, tcp.Options{}, first(adaptertest.Fault{ResetOnReply: 2}))
	if _, err := ask(g, []byte("the first"), patience); err != nil {
		t.Fatal(err)
	}
	_, err := ask(g, []byte("the second"), patience)
	want(t, err, adapters.Broken, adapters.InDoubt)
	eventuallyOnce(t, host, "the second")
}

// TestN06BrokenBeforeTheRequest: nothing was taken, so it is sent again, and the host sees it once.
func TestN06BrokenBeforeTheRequest(t *testing.T) {
	gone := adaptertest.StartHost(t, adaptertest.HostOptions{})
	gone.Close()
	host := adaptertest.StartHost(t, adaptertest.HostOptions{})
	closed, open := dial(t, gone, tcp.Options{}), dial(t, host, tcp.Options{})
	attempts := 0
	g := behind(t, exchanger(func(ctx context.Context, m adapters.Message) (adapters.Message, error) {
		if attempts++; attempts == 1 {
			return closed.Exchange(ctx, m)
		}
		return open.Exchange(ctx, m)
	}))
	got, err := ask(g, []byte("one request"), patience)
	if err != nil || string(got) != "one request" {
		t.Fatalf("%q, %v", got, err)
	}
	eventuallyOnce(t, host, "one request")
	if n := g.State().Totals.Retried; n != 1 {
		t.Errorf("retried %d times", n)
	}
}

// TestN07CutWithinTheRequest: the length field announced more than came through, so the host never
// held a whole request. The adapter cannot know that of bytes which the kernel took; it says in doubt
// and does not send again.
func TestN07CutWithinTheRequest(t *testing.T) {
	for _, cut := range []int{1, 4, 5, 60} {
		g, host, _ := through(t, tcp.Options{}, first(adaptertest.Fault{CutRequest: cut, Reset: cut%2 == 0}))
		_, err := ask(g, bytes.Repeat([]byte("x"), 100), patience)
		var e *adapters.Error
		if !errors.As(err, &e) || e.Fate != adapters.InDoubt && e.Fate != adapters.NotSent {
			t.Errorf("cut after %d: %v", cut, err)
		}
		if n := host.Ledger().Total(); n != 0 {
			t.Errorf("cut after %d: the host saw %d requests", cut, n)
		}
	}
}

func TestN09RepliesInSlices(t *testing.T) {
	g, _, _ := through(t, tcp.Options{}, always(adaptertest.Fault{Slice: 1, Gap: 5 * time.Millisecond}))
	if got, err := ask(g, []byte("in small slices"), patience); err != nil || string(got) != "in small slices" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestN10TheDeadlineIsTotal: bytes that keep coming do not move it; the whole reply would be there after 40 seconds.
func TestN10TheDeadlineIsTotal(t *testing.T) {
	g, host, _ := through(t, tcp.Options{}, always(adaptertest.Fault{Slice: 1, Gap: 10 * time.Millisecond}))
	want(t, outOfTime(g, host, make([]byte, 4000)), adapters.Timeout, adapters.InDoubt)
}

// TestN11LateReplies through a proxy that holds them back for about as long as the deadline.
func TestN11LateReplies(t *testing.T) {
	limit := 5 * time.Millisecond
	g, _, _ := through(t, tcp.Options{}, func(int) adaptertest.Fault { return adaptertest.Fault{Delay: rand.N(2 * limit)} })
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for n := range 100 {
				b := fmt.Sprintf("request %d of %d", n, w)
				if got, err := ask(g, []byte(b), limit); err == nil && string(got) != b {
					t.Errorf("%s got %s", b, got)
				}
			}
		})
	}
	wg.Wait()
}

// TestN12TwoReplies: the connection is not used again, and nobody gets the second one.
func TestN12TwoReplies(t *testing.T) {
	g, _, _ := through(t, tcp.Options{}, always(adaptertest.Fault{Twice: true}))
	for n := range 20 {
		b := fmt.Sprintf("request %d", n)
		if got, err := ask(g, []byte(b), patience); err != nil || string(got) != b {
			t.Fatalf("%s got %q, %v", b, got, err)
		}
		time.Sleep(time.Millisecond)
	}
}

// TestN13BitsFlip: in the length field they are noticed here, or the reply never becomes whole. In the
// data they are a matter of what the bytes mean; only TLS notices one valid value in place of another.
func TestN13BitsFlip(t *testing.T) {
	for place := 1; place <= 4; place++ {
		g, host, proxy := through(t, tcp.Options{}, always(adaptertest.Fault{Flip: place}))
		err := outOfTime(g, host, []byte("some request"))
		proxy.Set(adaptertest.Fault{})
		var e *adapters.Error
		if !errors.As(err, &e) || e.Fate == adapters.NotSent {
			t.Errorf("byte %d: %v", place, err)
		}
		if got, err := ask(g, []byte("another"), patience); err != nil || string(got) != "another" {
			t.Errorf("byte %d: then %q, %v", place, got, err)
		}
	}
	g, _, _ := through(t, tcp.Options{}, first(adaptertest.Fault{Flip: 5}))
	if got, err := ask(g, []byte("data"), patience); err != nil || bytes.Equal(got, []byte("data")) {
		t.Errorf("%q, %v", got, err)
	}
}

// TestN15FrameLimit: one byte more than the length field can say is refused before anything is sent.
func TestN15FrameLimit(t *testing.T) {
	g, host, _ := through(t, tcp.Options{Frame: tcp.Frame{Bytes: 2}}, none)
	if got, err := ask(g, make([]byte, 65535), patience); err != nil || len(got) != 65535 {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	_, err := ask(g, make([]byte, 65536), patience)
	want(t, err, adapters.TooLarge, adapters.NotSent)
	if n := host.Ledger().Total(); n != 1 {
		t.Errorf("the host saw %d requests", n)
	}
	small, host, _ := through(t, tcp.Options{MaxReply: 32 << 10}, none)
	if _, err := ask(small, make([]byte, 32<<10), patience); err != nil {
		t.Error(err)
	}
	_, err = ask(small, make([]byte, 32<<10+1), patience)
	want(t, err, adapters.Framing, adapters.Applied)
	if n := host.Ledger().Total(); n != 2 {
		t.Errorf("the host saw %d requests", n)
	}
}

// TestN01AllAddressesClosed: at once, not sent, and the breaker opens.
func TestN01AllAddressesClosed(t *testing.T) {
	host := adaptertest.StartHost(t, adaptertest.HostOptions{})
	host.Close()
	g := guarded(t, tcp.Options{Address: host.Address()})
	for range 40 {
		_, err := ask(g, []byte("1234"), patience)
		var e *adapters.Error
		if !errors.As(err, &e) || e.Fate != adapters.NotSent {
			t.Fatal(err)
		}
	}
	if s := g.State(); s.Breaker != adapters.Opened {
		t.Errorf("%+v", s)
	}
}
