// SPDX-License-Identifier: Apache-2.0

// Package host_test asks the bank's region over its own wire, without Lintel in between: what it
// answers here is what Lintel is measured against.
package host_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const (
	debtor, creditor = "0000004711", "0000004712"
	poor, nobody     = "0000004713", "9999999999"
)

func TestInquiry(t *testing.T) {
	r := start(t, build(t), t.TempDir())
	m := r.call(t, "ACCTINQ", debtor+"      ")
	if m.program != "ACCTINQ" || m.status != "OK" || m.abend != "" || !strings.Contains(m.rest, "ADA VON ARNIM") {
		t.Errorf("inquiry: header %s %s %s", m.program, m.status, m.abend)
	}
	if got := r.balance(t, debtor); got != 125075 {
		t.Errorf("balance %d, want 125075", got)
	}
	for _, test := range []struct{ name, program, request, status, code string }{
		{"no such account", "ACCTINQ", nobody + "      ", "OK", "04"},
		{"not a number", "ACCTINQ", "ABCDEFGHIJ      ", "OK", "04"},
		{"too short", "ACCTINQ", "1", "LERR", ""},
		{"no such program", "NOPGM", "", "NPGM", ""},
		{"internal program", "BANKRCV", "", "NPGM", ""},
		{"bad fault", "CONTROL", "SLOW XFER SOON", "LERR", ""},
	} {
		m := r.call(t, test.program, test.request)
		if m.status != test.status || !strings.HasPrefix(m.rest, test.code) {
			t.Errorf("%s: status %s", test.name, m.status)
		}
	}
}

func TestListNewestFirst(t *testing.T) {
	r := start(t, build(t), t.TempDir())
	list := func(limit byte) (n int, more, first string) {
		m := r.call(t, "TXNLIST", debtor+"\x00"+string(limit)+"        ")
		const head, entry = 18, 84
		n = int(binary.BigEndian.Uint16([]byte(m.rest[16:18])))
		if len(m.rest) != head+n*entry {
			t.Fatalf("%d entries in %d bytes", n, len(m.rest))
		}
		return n, m.rest[15:16], m.rest[head : head+12]
	}
	if n, more, first := list(20); n != 3 || more != "N" || first != "000000000014" {
		t.Errorf("all: %d %s %s", n, more, first)
	}
	r.call(t, "XFER", transfer(debtor, creditor, 1, "NEWEST"))
	if n, more, first := list(2); n != 2 || more != "Y" || first != "000000000015" {
		t.Errorf("two after a transfer: %d %s %s", n, more, first)
	}
}

func TestTransfer(t *testing.T) {
	r := start(t, build(t), t.TempDir())
	before := r.ledger(t, "")
	for _, test := range []struct {
		name, request, code string
		count               int
	}{
		{"done", transfer(debtor, creditor, 25000, "A"), "00", 1},
		{"same reference", transfer(debtor, creditor, 25000, "A"), "12", 1},
		{"same reference of another account", transfer(poor, creditor, 1, "A"), "00", 2},
		{"insufficient funds", transfer(poor, creditor, 25000, "B"), "08", 0},
		{"no debtor", transfer(nobody, creditor, 1, "C"), "04", 0},
		{"no creditor", transfer(debtor, nobody, 1, "D"), "05", 0},
		{"blocked", transfer(debtor, "0000004717", 1, "E"), "06", 0},
		{"other currency", transfer(debtor, "0000004721", 1, "F"), "10", 0},
		{"same account", transfer(debtor, debtor, 1, "G"), "16", 0},
		{"nothing", transfer(debtor, creditor, 0, "H"), "14", 0},
		{"garbage", debtor + creditor + "garbage" + "EUR" + strings.Repeat(" ", 35+36), "14", 0},
	} {
		m := r.call(t, "XFER", test.request)
		if m.status != "OK" || m.rest[:2] != test.code {
			t.Errorf("%s: status %s, code %s", test.name, m.status, m.rest[:2])
			continue
		}
		if reference := strings.TrimSpace(test.request[30:50]); reference != "" {
			if got := r.ledger(t, reference).count; got != test.count {
				t.Errorf("%s: %d in the ledger, want %d", test.name, got, test.count)
			}
		}
	}
	if a, b := r.balance(t, debtor), r.balance(t, creditor); a != 100075 || b != 55650+25001 {
		t.Errorf("balances %d and %d", a, b)
	}
	if after := r.ledger(t, ""); after.money != before.money || after.count != before.count+2 {
		t.Errorf("ledger %+v, before %+v", after, before)
	}
}

// TestTransferInquiry: a transfer is known by debtor, reference and the name of its exchange, and by
// no two of them.
func TestTransferInquiry(t *testing.T) {
	r := start(t, build(t), t.TempDir())
	r.call(t, "XFER", transfer(debtor, creditor, 25000, "A"))
	r.call(t, "XFER", transfer(poor, creditor, 25000, "B")) // refused
	for _, test := range []struct{ name, from, reference, exchange, code string }{
		{"done", debtor, "A", "exchange of A", "00"},
		{"another exchange", debtor, "A", "exchange of B", "04"},
		{"another debtor", creditor, "A", "exchange of A", "04"},
		{"another reference", debtor, "C", "exchange of A", "04"},
		{"refused", poor, "B", "exchange of B", "04"},
	} {
		m := r.call(t, "XFERINQ", fmt.Sprintf("%s%-20s%-36s", test.from, test.reference, test.exchange))
		if m.status != "OK" || m.rest[:2] != test.code || strings.TrimSpace(m.rest[2:38]) != test.exchange {
			t.Errorf("%s: status %s, reply %q", test.name, m.status, m.rest[:50])
		}
		if test.code == "00" && unpack(m.rest[66:73]) != 100075 {
			t.Errorf("%s: balance after it %d", test.name, unpack(m.rest[66:73]))
		}
	}
}

func TestOpenAccount(t *testing.T) {
	r := start(t, build(t), t.TempDir())
	owner := fmt.Sprintf("%-30sH%-30s%-10s%-20sDE", "NEW CUSTOMER", "STREET 1", "50968", "COLOGNE")
	request := "CEUR\x00\x11" + "\x00\x00\x00\x05\x00\x0C" + "      " + "\x00\x01" + owner
	for _, want := range []string{"0000004801", "0000004802"} {
		m := r.call(t, "ACCTOPEN", request)
		if m.status != "OK" || m.rest[:12] != "00"+want {
			t.Fatalf("status %s, reply for %s differs", m.status, want)
		}
	}
	m := r.call(t, "XFER", transfer("0000004801", creditor, 5000, "OVERDRAFT"))
	if m.rest[:2] != "00" || r.balance(t, "0000004801") != -5000 {
		t.Errorf("the overdraft of the new account is not usable: code %s", m.rest[:2])
	}
	if m := r.call(t, "ACCTOPEN", strings.Replace(request, "\x00\x01", "\x00\x02", 1)); m.status != "LERR" {
		t.Errorf("counter beyond the message: status %s", m.status)
	}
}

func TestAbendIsBackedOut(t *testing.T) {
	dir, data := build(t), t.TempDir()
	r := start(t, dir, data)
	before := r.ledger(t, "")
	for _, fault := range []string{"ABEND XFER 1", "ABEND-MIDWAY XFER 1"} {
		r.fault(t, fault)
		m := r.call(t, "XFER", transfer(debtor, creditor, 100, "GONE"))
		if m.status != "ABND" || m.abend != "ASRA" || m.rest != "" {
			t.Errorf("%s: header %s %s and %d bytes", fault, m.status, m.abend, len(m.rest))
		}
		if after := r.ledger(t, ""); after != before {
			t.Errorf("%s: ledger %+v, before %+v", fault, after, before)
		}
	}
	if m := r.call(t, "BOOM", ""); m.status != "ABND" {
		t.Errorf("BOOM: status %s", m.status)
	}
	if m := r.call(t, "XFER", transfer(debtor, creditor, 100, "GONE")); m.rest[:2] != "00" {
		t.Errorf("after the abends: code %s", m.rest[:2])
	}
}

func TestKilledMidwayIsBackedOutAtRestart(t *testing.T) {
	dir, data := build(t), t.TempDir()
	r := start(t, dir, data)
	before := r.ledger(t, "")
	r.fault(t, "KILL-MIDWAY XFER")
	if _, err := r.exchange(t.Context(), "XFER", transfer(debtor, creditor, 100, "GONE")); err == nil {
		t.Fatal("answered, though the region died")
	}
	if err := r.wait(t); err == nil {
		t.Fatal("the region ended as if all were well")
	}
	r = start(t, dir, data)
	if after := r.ledger(t, ""); after != before {
		t.Errorf("ledger %+v, before %+v", after, before)
	}
	if m := r.call(t, "XFER", transfer(debtor, creditor, 100, "GONE")); m.rest[:2] != "00" {
		t.Errorf("after the restart: code %s", m.rest[:2])
	}
}

func TestDrops(t *testing.T) {
	r := start(t, build(t), t.TempDir())
	for fault, count := range map[string]int{"DROP-BEFORE": 0, "DROP-AFTER": 1} {
		r.fault(t, fault+" XFER 1")
		_, err := r.exchange(t.Context(), "XFER", transfer(debtor, creditor, 100, fault))
		if !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%s: %v, want the connection dropped", fault, err)
		}
		if got := r.ledger(t, fault).count; got != count {
			t.Errorf("%s: %d in the ledger, want %d", fault, got, count)
		}
	}
}

func TestHangAndSlowLeaveOthersAlone(t *testing.T) {
	var r *region
	var answer chan message
	through := false
	for _, runaway := range []string{"1500", "6000", "24000"} { // milliseconds, in which others come through; more on a slow machine
		if r, answer, through = hang(t, runaway); through {
			break
		}
	}
	if !through {
		t.Error("the task that hangs has answered before those that do not")
	}
	if m := <-answer; m.status != "ABND" || m.abend != "AICA" {
		t.Errorf("runaway: header %s %s", m.status, m.abend)
	}
	if got := r.ledger(t, "HUNG").count; got != 0 {
		t.Errorf("the task that hung did its work %d times", got)
	}
	r = start(t, build(t), t.TempDir())
	r.fault(t, "SLOW XFER 200 1")
	if m := r.call(t, "XFER", transfer(debtor, creditor, 100, "SLOW")); m.rest[:2] != "00" {
		t.Errorf("slow: code %s", m.rest[:2])
	}
	r.fault(t, "BUSY *")
	if m := r.call(t, "ACCTINQ", debtor+"      "); m.status != "BUSY" {
		t.Errorf("busy: status %s", m.status)
	}
	r.fault(t, "CLEAR")
	r.balance(t, debtor)
}

// hang lets a task hang until it is ended, and tells whether others came through meanwhile.
func hang(t *testing.T, runaway string) (r *region, answer chan message, through bool) {
	t.Helper()
	r = start(t, build(t), t.TempDir(), "--runaway", runaway, "--fault", "hang xfer 1")
	answer = make(chan message, 1)
	go func() {
		m, _ := r.exchange(t.Context(), "XFER", transfer(debtor, creditor, 100, "HUNG"))
		answer <- m
	}()
	for range 10 {
		if m, err := r.exchange(t.Context(), "ACCTINQ", debtor+"      "); err != nil || m.status != "OK" {
			return r, answer, false
		}
	}
	return r, answer, len(answer) == 0
}

func TestStateSurvivesRestart(t *testing.T) {
	dir, data := build(t), t.TempDir()
	r := start(t, dir, data)
	r.call(t, "XFER", transfer(debtor, creditor, 100, "KEPT"))
	want := r.ledger(t, "KEPT")
	r.stop(t)
	r = start(t, dir, data)
	if got := r.ledger(t, "KEPT"); got != want || got.count != 1 {
		t.Errorf("ledger %+v, before the restart %+v", got, want)
	}
	if got := r.balance(t, debtor); got != 124975 {
		t.Errorf("balance %d", got)
	}
}

func TestStopLetsWorkFinish(t *testing.T) {
	r := start(t, build(t), t.TempDir())
	r.fault(t, "SLOW XFER 500 1")
	answer := make(chan error, 1)
	go func() {
		m, err := r.exchange(t.Context(), "XFER", transfer(debtor, creditor, 100, "LAST"))
		if err == nil && m.status != "OK" {
			err = errors.New(m.status)
		}
		answer <- err
	}()
	for end := time.Now().Add(patience); !r.working(t) && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	r.stop(t)
	if err := <-answer; err != nil {
		t.Errorf("the task at work: %v", err)
	}
}

func TestParallelTransfersKeepTheMoney(t *testing.T) {
	r := start(t, build(t), t.TempDir())
	before := r.ledger(t, "")
	var wg sync.WaitGroup
	for i := range 20 {
		from, to := debtor, creditor
		if i%2 == 1 {
			from, to = to, from
		}
		wg.Go(func() {
			reference := fmt.Sprintf("PARALLEL-%d", i)
			if i == 0 {
				reference = "PARALLEL"
			}
			m, err := r.exchange(t.Context(), "XFER", transfer(from, to, 100+i, reference))
			if err != nil || m.status != "OK" || m.rest[:2] != "00" {
				t.Errorf("transfer %d: %v, status %s", i, err, m.status)
			}
		})
	}
	wg.Wait()
	after := r.ledger(t, "")
	if after.money != before.money || after.count != before.count+20 || r.ledger(t, "PARALLEL").count != 1 {
		t.Errorf("ledger %+v, before %+v", after, before)
	}
	if got := r.balance(t, debtor); got != 125075+10 {
		t.Errorf("balance %d", got)
	}
}

// TestKilledUnderLoad kills the region at moments nobody chose: what was answered is in the ledger
// once, the rest is there whole or not at all.
func TestKilledUnderLoad(t *testing.T) {
	dir, data := build(t), t.TempDir()
	r := start(t, dir, data)
	before := r.ledger(t, "")
	var sent, answered atomic.Int64
	for round := range 4 {
		var wg sync.WaitGroup
		for client := range 4 {
			from, to := debtor, creditor
			if client%2 == 1 {
				from, to = to, from
			}
			wg.Go(func() {
				for {
					reference := fmt.Sprintf("LOAD-%d", sent.Add(1))
					m, err := r.exchange(t.Context(), "XFER", transfer(from, to, 1, reference))
					if err != nil {
						return
					}
					if m.status != "OK" || m.rest[:2] != "00" {
						t.Errorf("%s: status %s", reference, m.status)
						return
					}
					answered.Add(1)
				}
			})
		}
		time.Sleep(time.Duration(50+30*round) * time.Millisecond) // any moment will do
		if err := r.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		_ = r.wait(t)
		r = start(t, dir, data)
		after := r.ledger(t, "")
		done := int64(after.count - before.count)
		if after.money != before.money || done < answered.Load() || done > sent.Load() {
			t.Errorf("round %d: ledger %+v, before %+v, sent %d, answered %d", round, after, before, sent.Load(), answered.Load())
		}
		// A client has at most one transfer in doubt for each round.
		if extra := done - answered.Load(); extra > int64(4*(round+1)) {
			t.Errorf("round %d: %d transfers more than were answered", round, extra)
		}
	}
}
