// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	driver "github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters"
	"lintel/adapters/ibmmq"
	"lintel/adapters/ibmmq/mqitest"
)

// listened makes a queue with attributes and a source that reads it.
func listened(t *testing.T, attributes string, change func(*ibmmq.Options)) (control *driver.MQQueueManager, queue string, s *ibmmq.Source) {
	t.Helper()
	control = mqitest.Connect(t, "control")
	mqitest.Tell(t, control, "START; HEAL; DEFINE QLOCAL(SYSTEM.DEAD.LETTER.QUEUE); CLEAR QLOCAL(SYSTEM.DEAD.LETTER.QUEUE)")
	queue = mqitest.Queue(t, control, attributes)
	o := ibmmq.Options{Queue: queue, Application: "listener", Slice: 20 * time.Millisecond, Getters: 4}
	if change != nil {
		change(&o)
	}
	s, err := ibmmq.NewSource(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return control, queue, s
}

// put puts a message on a queue.
func put(t *testing.T, m *driver.MQQueueManager, queue string, body []byte, change func(*driver.MQMD)) *driver.MQMD {
	t.Helper()
	d, md, p := driver.NewMQOD(), driver.NewMQMD(), driver.NewMQPMO()
	d.ObjectType, d.ObjectName, p.Options = driver.MQOT_Q, queue, driver.MQPMO_NO_SYNCPOINT
	if change != nil {
		change(md)
	}
	if err := m.Put1(d, md, p, body); err != nil {
		t.Fatal(err)
	}
	return md
}

// pick takes one message from a queue; nil if there is none.
func pick(t *testing.T, m *driver.MQQueueManager, queue string) (*driver.MQMD, []byte) {
	t.Helper()
	in := mqitest.Open(t, m, queue, driver.MQOO_INPUT_SHARED)
	defer func() { _ = in.Close(0) }()
	md, g, buffer := driver.NewMQMD(), driver.NewMQGMO(), make([]byte, 1<<20)
	g.Options = driver.MQGMO_NO_WAIT | driver.MQGMO_NO_SYNCPOINT | driver.MQGMO_NO_PROPERTIES
	n, err := in.Get(md, g, buffer)
	if mqitest.Reason(err) == driver.MQRC_NO_MSG_AVAILABLE {
		return nil, nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return md, buffer[:n]
}

func receive(t *testing.T, s *ibmmq.Source) *adapters.Received {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	m, err := s.Receive(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func settle(t *testing.T, m *adapters.Received, s adapters.Settlement) {
	t.Helper()
	if err := m.Settle(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}

// TestSourceSettles: several messages are held at once; each is removed, or comes again with a count, by itself.
func TestSourceSettles(t *testing.T) {
	control, queue, s := listened(t, "", nil)
	for _, body := range []string{"a", "b", "c"} {
		put(t, control, queue, []byte(body), nil)
	}
	a, b, c := receive(t, s), receive(t, s), receive(t, s)
	if string(a.Message.Body)+string(b.Message.Body)+string(c.Message.Body) != "abc" {
		t.Fatalf("%q %q %q: not in order", a.Message.Body, b.Message.Body, c.Message.Body)
	}
	if len(a.ID) != 48 || a.Count != 0 || a.Created.IsZero() {
		t.Errorf("id %q, count %d, created %s", a.ID, a.Count, a.Created)
	}
	settle(t, b, adapters.Back)
	settle(t, a, adapters.Done)
	again := receive(t, s)
	if string(again.Message.Body) != "b" || again.Count != 1 || again.ID != b.ID {
		t.Errorf("%q, %d times before, id %s", again.Message.Body, again.Count, again.ID)
	}
	settle(t, again, adapters.Done)
	settle(t, c, adapters.Done)
	if n := mqitest.Depth(t, control, queue); n != 0 {
		t.Errorf("%d messages are left", n)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Receive(ctx); err == nil {
		t.Error("a message was received from an empty queue")
	}
}

// TestSourceForwards: what is forwarded comes with the settlement, and not at all without it.
func TestSourceForwards(t *testing.T) {
	control, queue, s := listened(t, "", nil)
	out, replies := mqitest.Queue(t, control, ""), mqitest.Queue(t, control, "")
	request := put(t, control, queue, []byte("ask"), func(md *driver.MQMD) {
		md.MsgType, md.ReplyToQ, md.Priority = driver.MQMT_REQUEST, replies, 7
	})
	m := receive(t, s)
	if !strings.HasPrefix(m.ReplyTo, replies) {
		t.Fatalf("reply to %q", m.ReplyTo)
	}
	forward := func() {
		if err := m.Forward(t.Context(), out, adapters.Message{Body: []byte("event"), Properties: map[string]any{"format": "MQSTR"}}); err != nil {
			t.Fatal(err)
		}
		if err := m.Forward(t.Context(), m.ReplyTo, adapters.Message{Body: []byte("answer"), Properties: map[string]any{"correlationId": m.Correlation}}); err != nil {
			t.Fatal(err)
		}
	}
	forward()
	if md, _ := pick(t, control, out); md != nil {
		t.Fatal("an event is seen before its message is done")
	}
	settle(t, m, adapters.Back)
	m = receive(t, s)
	if md, _ := pick(t, control, out); md != nil {
		t.Fatal("an event of a message that went back is seen")
	}
	forward()
	settle(t, m, adapters.Done)
	if md, body := pick(t, control, out); md == nil || string(body) != "event" || strings.TrimSpace(md.Format) != "MQSTR" {
		t.Errorf("event %+v %q", md, body)
	}
	md, body := pick(t, control, replies)
	if md == nil || string(body) != "answer" || !bytes.Equal(md.CorrelId, request.MsgId) || md.MsgType != driver.MQMT_REPLY || md.Priority != 7 {
		t.Errorf("answer %+v %q", md, body)
	}
	// Who asks to pass the correlation id gets that.
	own := bytes.Repeat([]byte{7}, 24)
	put(t, control, queue, []byte("ask"), func(md *driver.MQMD) {
		md.MsgType, md.ReplyToQ, md.Report, md.CorrelId = driver.MQMT_REQUEST, replies, driver.MQRO_PASS_CORREL_ID, own
	})
	m = receive(t, s)
	if got, _ := m.Correlation.([]byte); !bytes.Equal(got, own) {
		t.Errorf("correlation %x", m.Correlation)
	}
	settle(t, m, adapters.Done)
}

// TestSourcePoison: what is given up goes to the backout queue as it is, else to the dead-letter queue with an MQDLH, and
// never away; what comes back too often is told to be spent.
func TestSourcePoison(t *testing.T) {
	control := mqitest.Connect(t, "control")
	backout := mqitest.Queue(t, control, "")
	_, queue, s := listened(t, "BOTHRESH(2) BOQNAME("+backout+")", nil)
	sent := put(t, control, queue, []byte("poison"), func(md *driver.MQMD) { md.Format, md.CodedCharSetId = "ORDERS", 1047 })
	for range 2 {
		m := receive(t, s)
		if m.Spent != "" {
			t.Fatalf("spent after %d deliveries: %s", m.Count, m.Spent)
		}
		settle(t, m, adapters.Back)
	}
	m := receive(t, s)
	if m.Spent == "" || m.Count != 2 {
		t.Fatalf("count %d, spent %q", m.Count, m.Spent)
	}
	settle(t, m, adapters.Dead)
	md, body := pick(t, control, backout)
	if md == nil || string(body) != "poison" || !bytes.Equal(md.MsgId, sent.MsgId) || md.Format != "ORDERS" || md.CodedCharSetId != 1047 {
		t.Errorf("backout queue holds %+v %q", md, body)
	}

	// No backout queue: the dead-letter queue, with a header.
	control, queue, s = listened(t, "", nil)
	put(t, control, queue, []byte("poison"), func(md *driver.MQMD) { md.Format, md.CodedCharSetId = "ORDERS", 1047 })
	settle(t, receive(t, s), adapters.Dead)
	md, body = pick(t, control, "SYSTEM.DEAD.LETTER.QUEUE")
	if md == nil || md.Format != driver.MQFMT_DEAD_LETTER_HEADER || md.CodedCharSetId != 819 || len(body) != 172+6 {
		t.Fatalf("dead-letter queue holds %+v, %d bytes", md, len(body))
	}
	h, n, err := driver.GetHeader(md, body)
	dlh, ok := h.(*driver.MQDLH)
	if err != nil || !ok || n != 172 || dlh.Format != "ORDERS" || dlh.CodedCharSetId != 1047 || strings.TrimSpace(dlh.DestQName) != queue || dlh.Reason != driver.MQRC_BACKOUT_THRESHOLD_REACHED {
		t.Errorf("header %+v, %v", dlh, err)
	}
	if string(body[172:]) != "poison" {
		t.Errorf("behind the header %q", body[172:])
	}

	// Nowhere to go: it goes back.
	control, queue, s = listened(t, "", nil)
	mqitest.Tell(t, control, "ALTER QLOCAL(SYSTEM.DEAD.LETTER.QUEUE) PUT(DISABLED)")
	defer mqitest.Tell(t, control, "ALTER QLOCAL(SYSTEM.DEAD.LETTER.QUEUE) PUT(ENABLED)")
	put(t, control, queue, []byte("poison"), nil)
	if err := receive(t, s).Settle(t.Context(), adapters.Dead); err == nil {
		t.Error("a message that nobody takes is given up")
	}
	m = receive(t, s)
	if string(m.Message.Body) != "poison" || m.Count != 1 {
		t.Errorf("%q, %d times before", m.Message.Body, m.Count)
	}
	settle(t, m, adapters.Done)
}

// TestSourceBuries: a listener's own backout queue gets the message with its descriptor, and why it is there.
func TestSourceBuries(t *testing.T) {
	control, queue, s := listened(t, "", func(o *ibmmq.Options) { o.Properties = true })
	backout := mqitest.Queue(t, control, "")
	sent := put(t, control, queue, []byte("poison"), func(md *driver.MQMD) { md.Priority = 3 })
	m := receive(t, s)
	if err := m.Bury(t.Context(), backout, map[string]any{"application.LintelReason": "no such record"}); err != nil {
		t.Fatal(err)
	}
	settle(t, m, adapters.Done)
	other, err := ibmmq.NewSource(ibmmq.Options{Queue: backout, Properties: true, Slice: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	got := receive(t, other)
	if got.ID != hex.EncodeToString(sent.MsgId) || got.Message.Properties["priority"] != int64(3) || got.Message.Properties["application.LintelReason"] != "no such record" {
		t.Errorf("%s %v", got.ID, got.Message.Properties)
	}
	settle(t, got, adapters.Done)
}

// TestSourceLongMessages: a message larger than the first buffer is taken whole; one over the limit is spent, and put away
// whole.
func TestSourceLongMessages(t *testing.T) {
	control := mqitest.Connect(t, "control")
	backout := mqitest.Queue(t, control, "")
	_, queue, s := listened(t, "BOQNAME("+backout+")", func(o *ibmmq.Options) { o.MaxReply = 200_000 })
	long, longer := bytes.Repeat([]byte("x"), 150_000), bytes.Repeat([]byte("y"), 250_000)
	put(t, control, queue, long, nil)
	put(t, control, queue, longer, nil)
	m := receive(t, s)
	if !bytes.Equal(m.Message.Body, long) || m.Spent != "" {
		t.Errorf("%d bytes, spent %q", len(m.Message.Body), m.Spent)
	}
	settle(t, m, adapters.Done)
	m = receive(t, s)
	if m.Spent == "" {
		t.Fatal("a message over the limit is delivered")
	}
	settle(t, m, adapters.Dead)
	if _, body := pick(t, control, backout); !bytes.Equal(body, longer) {
		t.Errorf("%d bytes of it were put away", len(body))
	}
}

// TestSourceLosesConnections: what was held goes back, and the source goes on over new connections.
func TestSourceLosesConnections(t *testing.T) {
	control, queue, s := listened(t, "", func(o *ibmmq.Options) { o.Application = "fragile" })
	put(t, control, queue, []byte("a"), nil)
	m := receive(t, s)
	mqitest.Tell(t, control, "BREAK APPL(fragile)")
	var e *adapters.Error
	if err := m.Settle(t.Context(), adapters.Done); !errors.As(err, &e) || e.Fate != adapters.InDoubt {
		t.Errorf("got %v, want in doubt", err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		again, err := s.Receive(ctx)
		cancel()
		if err == nil {
			if string(again.Message.Body) != "a" || again.Count != 1 {
				t.Errorf("%q, %d times before", again.Message.Body, again.Count)
			}
			settle(t, again, adapters.Done)
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	// A stop in the middle gives back what is held.
	put(t, control, queue, []byte("b"), nil)
	m = receive(t, s)
	_ = s.Close()
	if err := m.Settle(t.Context(), adapters.Back); err != nil {
		t.Fatal(err)
	}
	if md, body := pick(t, control, queue); md == nil || string(body) != "b" {
		t.Errorf("the queue holds %q", body)
	}
	if _, err := s.Receive(t.Context()); err == nil {
		t.Error("a closed source receives")
	}
}

// TestBacklog: how many messages wait is told, those that were taken included, and not where it may not be asked for.
func TestBacklog(t *testing.T) {
	control, queue, s := listened(t, "", nil)
	if n, known := s.Backlog(); known {
		t.Errorf("%d messages before anybody asked", n)
	}
	for range 3 {
		put(t, control, queue, []byte("x"), nil)
	}
	m := receive(t, s)
	until(t, "the depth", func() bool { n, known := s.Backlog(); return known && n >= 2 && n <= 3 })
	if err := m.Settle(t.Context(), adapters.Done); err != nil {
		t.Fatal(err)
	}
	until(t, "the depth again", func() bool { n, known := s.Backlog(); return known && n == 2 })
}

// TestWithoutInquiry: a user who may not inquire (2035) has all but what the answers are for; that is told once, and
// nothing is asked again and again.
func TestWithoutInquiry(t *testing.T) {
	for name, test := range map[string]struct {
		refused string // which questions; %s is the queue
		told    string
		dead    string // where poison goes: "backout", "dead-letter", "" nowhere
	}{
		"all":           {"TIMES(2)", "the queue %s: its depth, backout threshold and backout queue are not known; nor on the queue manager: its dead-letter queue is not known", ""},
		"queue":         {"TIMES(1) QUEUE(%s)", "the queue %s: its depth, backout threshold and backout queue are not known", "dead-letter"},
		"queue manager": {"TIMES(1) AFTER(1)", "the queue manager: its dead-letter queue is not known", "backout"},
	} {
		t.Run(name, func(t *testing.T) {
			backout := mqitest.Queue(t, mqitest.Connect(t, "control"), "")
			control, queue, s := listened(t, "BOQNAME("+backout+") BOTHRESH(1)", func(o *ibmmq.Options) { o.Application = "humble" })
			mqitest.Tell(t, control, "FAIL VERB(INQUIRE) RC(2035) APPL(humble) "+strings.ReplaceAll(test.refused, "%s", queue))
			t.Cleanup(func() { mqitest.Tell(t, control, "HEAL") })
			var told []string
			s.OnLimit(func(what string) { told = append(told, what) })
			put(t, control, queue, []byte("a"), nil)
			put(t, control, queue, []byte("b"), nil)
			a, b := receive(t, s), receive(t, s) // over two connections
			settle(t, b, adapters.Done)
			settle(t, a, adapters.Back)
			a = receive(t, s)
			if spent := a.Spent != ""; spent != (test.dead == "backout") || a.Count != 1 {
				t.Errorf("spent %q, %d times before", a.Spent, a.Count)
			}
			err := a.Settle(t.Context(), adapters.Dead)
			if (err == nil) != (test.dead != "") {
				t.Errorf("poison: %v", err)
			}
			where := map[string]string{"backout": backout, "dead-letter": "SYSTEM.DEAD.LETTER.QUEUE", "": queue}[test.dead]
			if md, _ := pick(t, control, where); md == nil {
				t.Errorf("poison is not on %s", where)
			}
			if want := []string{"no authority to inquire (2035) on " + strings.ReplaceAll(test.told, "%s", queue)}; !slices.Equal(told, want) {
				t.Errorf("told %q, want %q", told, want)
			}
			if test.dead == "backout" {
				until(t, "the depth", func() bool { _, known := s.Backlog(); return known })
			} else if n, known := s.Backlog(); known {
				t.Errorf("%d messages wait, says nobody", n)
			}
		})
	}
}

// TestExchangeWithoutInquiry: an exchange needs no authority to inquire.
func TestExchangeWithoutInquiry(t *testing.T) {
	_, a := gateway(t, echo, func(h *host, o *ibmmq.Options) {
		permanent(h, o)
		o.Application = "humble"
	})
	control := mqitest.Connect(t, "control")
	mqitest.Tell(t, control, "FAIL VERB(INQUIRE) RC(2035) APPL(humble)")
	t.Cleanup(func() { mqitest.Tell(t, control, "HEAL") })
	if m, err := exchange(t, a, hello(), patience); err != nil || !bytes.Equal(m.Body, hello().Body) {
		t.Errorf("%q, %v", m.Body, err)
	}
}
