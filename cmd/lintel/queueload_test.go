// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/amqp"
	"lintel/adapters/amqp/amqptest"
	"lintel/transforms"
)

// queueRig is a queue system under the orders example.
type queueRig struct {
	// edits change lintel.yaml, env is for the gateway.
	edits map[string]string
	env   []string
	// without are lines of other files that this wire does not know.
	without map[string]string
	// source takes messages from a queue: this process plays the host.
	source func(queue string) (adapters.Source, error)
	// other, if set, is source at another broker, which the same host reads.
	other  func(queue string) (adapters.Source, error)
	orders string
	// restart ends the queue system at once and starts it again.
	restart func()
}

// orderHost is the order program: it books every order that it reads.
type orderHost struct {
	t      *testing.T
	create *operation

	// hold, if set, is called when an order is in the books and not yet answered.
	hold func(article string)

	mu     sync.Mutex
	booked map[string]int
	seen   map[string]bool
}

// startOrderHost reads the queue of orders until the test ends.
func startOrderHost(t *testing.T, p *plan, r queueRig) *orderHost {
	t.Helper()
	h := &orderHost{t: t, booked: map[string]int{}, seen: map[string]bool{}}
	for _, op := range p.operations {
		if op.spec.ID == "createOrder" {
			h.create = op
		}
	}
	h.read(r.source, r.orders)
	if r.other != nil {
		h.read(r.other, r.orders)
	}
	return h
}

// read takes the orders of one queue, one after the other.
func (h *orderHost) read(source func(string) (adapters.Source, error), queue string) {
	t := h.t
	t.Helper()
	s, err := source(queue)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			if m, err := s.Receive(ctx); err == nil {
				h.serve(ctx, m)
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		_ = s.(interface{ Close() error }).Close()
		wg.Wait()
	})
}

// serve books an order and answers. The order is in the books before anything can go wrong with the queue.
func (h *orderHost) serve(ctx context.Context, m *adapters.Received) {
	text, err := h.create.transform.Request.Format.(transforms.Codec).DecodeJSON(nil, m.Message.Body)
	var order struct {
		Customer, Article string
		Quantity          int
	}
	if err == nil {
		err = json.Unmarshal(text, &order)
	}
	if err != nil {
		h.t.Errorf("the host got no order: %v", err)
		return
	}
	// A queue system may deliver a message twice when it is cut off before it knows that it was taken; its id tells, and
	// the program does not do its work twice for one message.
	key := strings.TrimSpace(order.Article)
	h.mu.Lock()
	if !h.seen[m.ID] {
		h.seen[m.ID] = true
		h.booked[key]++
	}
	h.mu.Unlock()
	if h.hold != nil {
		h.hold(key)
	}
	reply, err := h.create.transform.Answer("").Format.(transforms.Codec).EncodeJSON(nil, []byte(fmt.Sprintf(
		`{"rc":"done","id":"00004712","customer":%q,"article":%q,"quantity":%d,"price":1.00,"status":"open"}`, order.Customer, key, order.Quantity)))
	if err != nil {
		h.t.Error(err)
		return
	}
	if m.ReplyTo != "" {
		_ = m.Forward(ctx, m.ReplyTo, adapters.Message{Body: reply, Properties: map[string]any{"correlationId": m.Correlation}})
	}
	_ = m.Settle(ctx, adapters.Done)
}

func (h *orderHost) count(article string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.booked[article]
}

// ordered is what a client was told at last about one order.
type ordered struct {
	article string
	status  int
	code    string
}

// placeOrders places orders from several clients. Each repeats its request with the same key while it gets no answer, or
// one that says that nothing was sent.
func placeOrders(t *testing.T, total int, address func() string, placed *atomic.Int64) []ordered {
	t.Helper()
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var all []ordered
	var wg sync.WaitGroup
	var next atomic.Int64
	for range 8 {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(total); n = next.Add(1) {
				o := ordered{article: fmt.Sprintf("A-%08d", n)}
				for end := time.Now().Add(2 * patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
					o.status, o.code = placeOrder(t.Context(), client, address(), o.article)
					if o.status != 0 && o.status != http.StatusServiceUnavailable && o.code != "idempotency-in-progress" {
						break
					}
				}
				placed.Add(1)
				mu.Lock()
				all = append(all, o)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return all
}

// placeOrder places one order; status 0 means that there was no answer.
func placeOrder(ctx context.Context, client *http.Client, address, article string) (status int, code string) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/orders",
		bytes.NewReader([]byte(`{"customer":"000017","article":"`+article+`","quantity":1}`)))
	if err != nil {
		return 0, ""
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", "load-order-"+article)
	resp, err := client.Do(r)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = resp.Body.Close() }()
	var problem struct{ Code string }
	_ = json.NewDecoder(resp.Body).Decode(&problem)
	return resp.StatusCode, problem.Code
}

// workspace copies the orders example for this wire, with more edits of lintel.yaml.
func (r queueRig) workspace(t *testing.T, more map[string]string) string {
	t.Helper()
	edits := maps.Clone(r.edits)
	maps.Copy(edits, more)
	dir := copyWorkspace(t, "../../examples/orders", edits)
	for file, line := range r.without {
		file = filepath.Join(dir, file)
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := slices.DeleteFunc(strings.Split(string(src), "\n"), func(l string) bool { return strings.Contains(l, line) })
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// queueLoad places orders while the gateway is killed and the queue system restarted, and holds what clients were told
// against the books of the host: done means booked once, not sent never, and nothing is booked twice.
func queueLoad(t *testing.T, r queueRig) {
	dir := r.workspace(t, map[string]string{"timeout: 3s": "timeout: 2s\n    breaker: {window: 10s, minimum: 1000}"})
	p := mustCompile(t, dir, func(name string) (string, bool) {
		for _, e := range r.env {
			if v, ok := strings.CutPrefix(e, name+"="); ok {
				return v, true
			}
		}
		return "", false
	})
	h := startOrderHost(t, p, r)
	g := startGateway(t, dir, r.env)
	var address atomic.Value
	address.Store(g.api)
	const total = 300
	var placed atomic.Int64
	until := func(n int64) {
		for placed.Load() < n && !t.Failed() {
			time.Sleep(5 * time.Millisecond)
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		until(60)
		_ = g.cmd.Process.Kill()
		_ = g.wait(t)
		g = startGateway(t, dir, r.env)
		address.Store(g.api)
		until(160)
		r.restart()
	})
	all := placeOrders(t, total, func() string { return address.Load().(string) }, &placed)
	wg.Wait()
	results := map[string]int{}
	for _, o := range all {
		results[fmt.Sprintf("%d %s", o.status, o.code)]++
		n := h.count(o.article)
		if n > 1 {
			t.Errorf("%s was booked %d times", o.article, n)
		}
		switch {
		case o.status == http.StatusCreated && n != 1:
			t.Errorf("%s: the client was told that it is done, and it was booked %d times", o.article, n)
		case o.status == http.StatusServiceUnavailable && n != 0:
			t.Errorf("%s: the client was told that nothing was sent, and it was booked %d times", o.article, n)
		case o.status != http.StatusCreated && o.status != http.StatusServiceUnavailable && o.status != http.StatusGatewayTimeout && o.status != http.StatusConflict:
			t.Errorf("%s: %d %s", o.article, o.status, o.code)
		}
	}
	t.Logf("%d orders: %v", len(all), results)
	done := slices.DeleteFunc(slices.Clone(all), func(o ordered) bool { return o.status != http.StatusCreated })
	if len(done) < total/2 {
		t.Errorf("only %d of %d orders were done", len(done), total)
	}
}

// brokerRig is the orders example over a real broker of AMQP 1.0.
func brokerRig(b *amqptest.Broker) queueRig {
	queue := b.Queue("ORDERS.IN")
	env := []string{"MQ_ADDRESS=" + b.Address, "ORDERS_QUEUE=" + queue, "EVENTS_QUEUE=" + b.Queue("EVENTS"), "LOOKUPS_QUEUE=" + b.Queue("LOOKUPS"), "SHIPPING_QUEUE=" + b.Queue("SHIPPING")}
	o := amqp.Options{Address: b.Address, Target: queue, Connect: 2 * time.Second}
	edits := map[string]string{"mq:\n      queueManager: ${env:MQ_MANAGER:-QM1}": "amqp:\n      address: " + b.Address}
	if b.User != "" {
		env = append(env, "ORDERS_REPLY="+b.Queue("orders.{instance}"), "BROKER_PASSWORD="+b.Password)
		edits[`sasl: {mechanism: "${env:MQ_SASL:-anonymous}"}`] = `sasl: {mechanism: plain, user: ` + b.User + `, password: "${env:BROKER_PASSWORD}"}`
		o.SASL, o.User, o.Password = amqp.Plain, b.User, b.Password
	}
	return queueRig{
		edits: edits, env: env, orders: queue, without: map[string]string{"transforms/changeQuantity.yaml": "correlationId", "tests/changeQuantity.yaml": "correlationId"},
		source: func(queue string) (adapters.Source, error) {
			o := o
			o.Target = queue
			return amqp.NewSource(o)
		},
		restart: func() { b.Kill(); b.Start() },
	}
}

func TestQueueLoadProton(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a broker")
	}
	queueLoad(t, brokerRig(amqptest.Proton(t)))
}

func TestQueueLoadArtemis(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a broker")
	}
	queueLoad(t, brokerRig(amqptest.Artemis(t)))
}

func TestQueueLoadRabbitMQ(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a broker")
	}
	queueLoad(t, brokerRig(amqptest.RabbitMQ(t)))
}
