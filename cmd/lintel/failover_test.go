// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/amqp"
	"lintel/adapters/amqp/amqptest"
	"lintel/adapters/amqp/broker"
)

// pair is two brokers in front of one host. The way to the first one can be closed.
type pair struct {
	queueRig
	first, second *broker.Broker
	way           *amqptest.Proxy
}

// startPair starts them, and makes the orders example use both.
func startPair(t *testing.T) *pair {
	t.Helper()
	start := func() *broker.Broker {
		b, err := broker.Start(t.Context(), broker.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.Close() })
		return b
	}
	p := &pair{first: start(), second: start()}
	p.way = amqptest.StartProxy(t, p.first.Address())
	at := func(b *broker.Broker) func(string) (adapters.Source, error) {
		return func(queue string) (adapters.Source, error) {
			return amqp.NewSource(amqp.Options{Address: b.Address(), Target: queue, Connect: 2 * time.Second})
		}
	}
	const one = "address: ${env:MQ_ADDRESS:-127.0.0.1:5672}\n      queue: ${env:ORDERS_QUEUE:-ORDERS.IN}"
	p.queueRig = queueRig{
		orders: "ORDERS.IN", source: at(p.first), other: at(p.second),
		env: []string{"MQ_ADDRESS=" + p.second.Address(), "ORDERS_REPLY=ORDERS.REPLY"},
		edits: map[string]string{
			"mq:\n      queueManager: ${env:MQ_MANAGER:-QM1}": "amqp:\n      address: " + p.second.Address(),
			one: fmt.Sprintf("addresses: [%q, %q]\n      queue: ORDERS.IN", p.way.Address(), p.second.Address()),
		},
		without: map[string]string{"transforms/changeQuantity.yaml": "correlationId", "tests/changeQuantity.yaml": "correlationId"},
		restart: func() { p.way.Close(); time.Sleep(300 * time.Millisecond); p.way.Up(t) },
	}
	return p
}

// TestFailoverAMQP: the first of two brokers is lost while an order is at the host. That one is in doubt, and is not sent to
// the other; those that come meanwhile go there. When the first is back the reply that waits there ends the doubt.
func TestFailoverAMQP(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a gateway")
	}
	p := startPair(t)
	dir := p.workspace(t, nil)
	host := startOrderHost(t, mustCompile(t, dir, noEnv), p.queueRig)
	var held atomic.Bool
	goOn := make(chan struct{})
	host.hold = func(article string) {
		if article == "HELD" {
			held.Store(true)
			<-goOn
		}
	}
	b := &bank{client: newBankClient(t)}
	b.gatewayProcess = startGateway(t, dir, p.env)
	place := func(article string) answer {
		t.Helper()
		a, err := b.tryKey("POST", "/orders", order(article), "failover-key-"+article)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	used := func() (first, second uint64) {
		t.Helper()
		text, err := b.adminGet(b.client, "/backends")
		var list map[string]struct {
			Endpoints []struct{ Used uint64 }
		}
		if err != nil || json.Unmarshal([]byte(text), &list) != nil {
			t.Fatalf("%v %s", err, text)
		}
		ways := list["orders"].Endpoints
		if len(ways) != 2 {
			t.Fatalf("two ways to orders are not in %s", text)
		}
		return ways[0].Used, ways[1].Used
	}
	if a := place("BEFORE"); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	doubtful := make(chan answer, 1)
	go func() {
		a, _ := b.tryKey("POST", "/orders", order("HELD"), "failover-key-HELD")
		doubtful <- a
	}()
	b.waitFor(t, "the order at the host", held.Load)
	p.way.Close()
	if a := <-doubtful; a.status != 504 || a.body["code"] != "in-doubt" {
		t.Errorf("the connection was lost: %d %s", a.status, a.text)
	}
	close(goOn)
	b.waitFor(t, "the reply at the first broker", func() bool { return p.first.Depth("ORDERS.REPLY") == 1 })
	for n := range 5 {
		if a := place(fmt.Sprintf("MEANWHILE-%d", n)); a.status != 201 {
			t.Errorf("while the first is lost: %d %s", a.status, a.text)
		}
	}
	if a := place("HELD"); a.status != 409 || a.body["outcome"] != "unknown" {
		t.Errorf("the same key: %d %s", a.status, a.text)
	}
	if first, second := used(); second != 5 {
		t.Errorf("used %d and %d", first, second)
	}
	p.way.Up(t)
	b.waitFor(t, "the end of the doubt", func() bool { return place("HELD").status == 201 })
	lateRepliesAre(t, b, "matched")
	before, _ := used()
	n := 0
	b.waitFor(t, "the first to be used again", func() bool {
		n++
		if a := place(fmt.Sprintf("AFTER-%d", n)); a.status != 201 {
			t.Errorf("after: %d %s", a.status, a.text)
		}
		first, _ := used()
		return first != before
	})
	for article, times := range host.booked {
		if times != 1 {
			t.Errorf("%s was booked %d times", article, times)
		}
	}
	if len(host.booked) != 7+n {
		t.Errorf("booked %v", host.booked)
	}
}

// TestQueueLoadFailover kills the gateway and closes the way to the first broker under load.
func TestQueueLoadFailover(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a gateway")
	}
	queueLoad(t, startPair(t).queueRig)
}
