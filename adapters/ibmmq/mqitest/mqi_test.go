// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package mqitest_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters/ibmmq/mqitest"
)

func put(t testing.TB, o ibmmq.MQObject, body string, change func(*ibmmq.MQMD, *ibmmq.MQPMO)) (*ibmmq.MQMD, error) {
	t.Helper()
	md, p := ibmmq.NewMQMD(), ibmmq.NewMQPMO()
	p.Options = ibmmq.MQPMO_NO_SYNCPOINT
	if change != nil {
		change(md, p)
	}
	return md, o.Put(md, p, []byte(body))
}

func get(o ibmmq.MQObject, wait time.Duration, change func(*ibmmq.MQMD, *ibmmq.MQGMO)) (string, *ibmmq.MQMD, error) {
	md, g := ibmmq.NewMQMD(), ibmmq.NewMQGMO()
	g.Version, g.MatchOptions = ibmmq.MQGMO_VERSION_2, ibmmq.MQMO_NONE
	g.Options = ibmmq.MQGMO_WAIT | ibmmq.MQGMO_NO_SYNCPOINT
	g.WaitInterval = int32(wait.Milliseconds())
	if change != nil {
		change(md, g)
	}
	buffer := make([]byte, 1024)
	n, err := o.Get(md, g, buffer)
	return string(buffer[:min(n, len(buffer))]), md, err
}

func mustReason(t *testing.T, what string, err error, want int32) {
	t.Helper()
	if got := mqitest.Reason(err); got != want {
		t.Errorf("%s: got %v, want reason %d", what, err, want)
	}
}

const both = ibmmq.MQOO_INPUT_SHARED | ibmmq.MQOO_OUTPUT | ibmmq.MQOO_BROWSE

func TestPutAndGet(t *testing.T) {
	m := mqitest.Connect(t, "t")
	o := mqitest.Open(t, m, mqitest.Queue(t, m, "MAXDEPTH(3) MAXMSGL(10)"), both)
	first, err := put(t, o, "one", nil)
	mustReason(t, "put", err, 0)
	if bytes.Equal(first.MsgId, make([]byte, 24)) {
		t.Error("no message id came back")
	}
	_, err = put(t, o, "urgent", func(md *ibmmq.MQMD, _ *ibmmq.MQPMO) { md.Priority = 9 })
	mustReason(t, "put", err, 0)
	_, err = put(t, o, "far too long", nil)
	mustReason(t, "long", err, ibmmq.MQRC_MSG_TOO_BIG_FOR_Q)
	_, err = put(t, o, "three", func(md *ibmmq.MQMD, _ *ibmmq.MQPMO) { md.MsgType = ibmmq.MQMT_REQUEST })
	mustReason(t, "request without a reply queue", err, ibmmq.MQRC_MISSING_REPLY_TO_Q)
	_, _ = put(t, o, "three", nil)
	_, err = put(t, o, "four", nil)
	mustReason(t, "full", err, ibmmq.MQRC_Q_FULL)
	body, _, err := get(o, 0, func(_ *ibmmq.MQMD, g *ibmmq.MQGMO) { g.Options = ibmmq.MQGMO_BROWSE_FIRST })
	if body != "urgent" || err != nil {
		t.Errorf("browse: %q %v", body, err)
	}
	// With version 1 the ids of the descriptor select, whatever the match options say.
	body, _, err = get(o, 0, func(md *ibmmq.MQMD, g *ibmmq.MQGMO) { md.MsgId, g.Version = first.MsgId, ibmmq.MQGMO_VERSION_1 })
	if body != "one" || err != nil {
		t.Errorf("by message id: %q %v", body, err)
	}
	for _, want := range []string{"urgent", "three"} {
		if body, _, err := get(o, 0, nil); body != want || err != nil {
			t.Errorf("got %q %v, want %q", body, err, want)
		}
	}
	_, _, err = get(o, time.Millisecond, nil)
	mustReason(t, "nothing there", err, ibmmq.MQRC_NO_MSG_AVAILABLE)
}

func TestTruncationAndExpiry(t *testing.T) {
	m := mqitest.Connect(t, "t")
	name := mqitest.Queue(t, m, "")
	o := mqitest.Open(t, m, name, both)
	_, _ = put(t, o, strings.Repeat("x", 2000), nil)
	_, _, err := get(o, 0, nil)
	mustReason(t, "too long", err, ibmmq.MQRC_TRUNCATED_MSG_FAILED)
	_, _, err = get(o, 0, func(_ *ibmmq.MQMD, g *ibmmq.MQGMO) { g.Options |= ibmmq.MQGMO_ACCEPT_TRUNCATED_MSG })
	mustReason(t, "too long, accepted", err, ibmmq.MQRC_TRUNCATED_MSG_ACCEPTED)
	reply := mqitest.Queue(t, m, "")
	md, _ := put(t, o, "short-lived", func(md *ibmmq.MQMD, _ *ibmmq.MQPMO) {
		md.Expiry, md.Report, md.ReplyToQ = 1, ibmmq.MQRO_EXPIRATION, reply
	})
	time.Sleep(150 * time.Millisecond)
	_, _, err = get(o, 0, nil)
	mustReason(t, "expired", err, ibmmq.MQRC_NO_MSG_AVAILABLE)
	_, report, err := get(mqitest.Open(t, m, reply, both), 0, nil)
	if err != nil || report.Feedback != ibmmq.MQFB_EXPIRATION || !bytes.Equal(report.CorrelId, md.MsgId) {
		t.Errorf("report: feedback %d, %v", report.Feedback, err)
	}
}

func TestUnitsOfWork(t *testing.T) {
	m, other := mqitest.Connect(t, "t"), mqitest.Connect(t, "u")
	name := mqitest.Queue(t, m, "BOTHRESH(2) BOQNAME(POISON)")
	o, seen := mqitest.Open(t, m, name, both|ibmmq.MQOO_INQUIRE), mqitest.Open(t, other, name, both)
	unit := func(_ *ibmmq.MQMD, p *ibmmq.MQPMO) { p.Options = ibmmq.MQPMO_SYNCPOINT }
	_, err := put(t, o, "one", unit)
	mustReason(t, "put", err, 0)
	_, _, err = get(seen, 0, nil)
	mustReason(t, "not committed", err, ibmmq.MQRC_NO_MSG_AVAILABLE)
	mustReason(t, "commit", m.Cmit(), 0)
	for i := range int32(3) {
		_, md, err := get(o, 0, func(_ *ibmmq.MQMD, g *ibmmq.MQGMO) { g.Options = ibmmq.MQGMO_SYNCPOINT })
		if err != nil || md.BackoutCount != i {
			t.Errorf("backed out %d times, want %d: %v", md.BackoutCount, i, err)
		}
		mustReason(t, "back", m.Back(), 0)
	}
	v, err := o.Inq([]int32{ibmmq.MQIA_BACKOUT_THRESHOLD, ibmmq.MQCA_BACKOUT_REQ_Q_NAME})
	if err != nil || v[ibmmq.MQIA_BACKOUT_THRESHOLD] != int32(2) || v[ibmmq.MQCA_BACKOUT_REQ_Q_NAME] != "POISON" {
		t.Errorf("attributes %v, %v", v, err)
	}
	_, _ = put(t, o, "two", unit)
	mqitest.Tell(t, other, "BREAK APPL(t)")
	mustReason(t, "commit after a break", m.Cmit(), ibmmq.MQRC_CONNECTION_BROKEN)
	if n := mqitest.Depth(t, other, name); n != 1 {
		t.Errorf("%d messages, want the one that was committed", n)
	}
}

func TestWaits(t *testing.T) {
	m, other := mqitest.Connect(t, "waits"), mqitest.Connect(t, "u")
	name := mqitest.Queue(t, m, "")
	o := mqitest.Open(t, m, name, both)
	ended := make(chan error)
	wait := func() {
		go func() {
			_, _, err := get(o, time.Minute, nil)
			ended <- err
		}()
		for mqitest.Reason(m.Cmit()) != ibmmq.MQRC_CALL_IN_PROGRESS {
			time.Sleep(time.Millisecond)
		}
	}
	wait()
	_, _ = put(t, mqitest.Open(t, other, name, both), "woken", nil)
	mustReason(t, "woken", <-ended, 0)
	wait()
	mqitest.Tell(t, other, "QUIESCE")
	mustReason(t, "quiesce", <-ended, ibmmq.MQRC_Q_MGR_QUIESCING)
	mqitest.Tell(t, other, "START")
	wait()
	mqitest.Tell(t, other, "BREAK APPL(waits)")
	mustReason(t, "break", <-ended, ibmmq.MQRC_CONNECTION_BROKEN)
}

func TestDynamicQueueAndProperties(t *testing.T) {
	m := mqitest.Connect(t, "t")
	mqitest.Tell(t, m, "DEFINE QMODEL(MODEL.T)")
	d := ibmmq.NewMQOD()
	d.ObjectType, d.ObjectName, d.DynamicQName = ibmmq.MQOT_Q, "MODEL.T", "DYN.*"
	o, err := m.Open(d, both)
	if err != nil || !strings.HasPrefix(d.ObjectName, "DYN.") {
		t.Fatalf("%q, %v", d.ObjectName, err)
	}
	_, err = put(t, o, "kept", func(md *ibmmq.MQMD, _ *ibmmq.MQPMO) { md.Persistence = ibmmq.MQPER_PERSISTENT })
	mustReason(t, "persistent", err, ibmmq.MQRC_PERSISTENT_NOT_ALLOWED)
	h, _ := m.CrtMH(ibmmq.NewMQCMHO())
	for name, v := range map[string]any{"branch": "0815", "count": int64(7), "long": strings.Repeat("y", 2000)} {
		mustReason(t, name, h.SetMP(ibmmq.NewMQSMPO(), name, ibmmq.NewMQPD(), v), 0)
	}
	_, _ = put(t, o, "body", func(_ *ibmmq.MQMD, p *ibmmq.MQPMO) { p.OriginalMsgHandle = h })
	in, _ := m.CrtMH(ibmmq.NewMQCMHO())
	_, _, err = get(o, 0, func(_ *ibmmq.MQMD, g *ibmmq.MQGMO) { g.Options |= ibmmq.MQGMO_PROPERTIES_IN_HANDLE; g.MsgHandle = in })
	mustReason(t, "get", err, 0)
	inquire := func(name string) (any, error) {
		_, v, err := in.InqMP(ibmmq.NewMQIMPO(), ibmmq.NewMQPD(), name)
		return v, err
	}
	if v, err := inquire("branch"); v != "0815" || err != nil {
		t.Errorf("branch: %v, %v", v, err)
	}
	if v, err := inquire("count"); v != int64(7) || err != nil {
		t.Errorf("count: %v, %v", v, err)
	}
	// mq-golang gives the library 1,024 bytes of the 10,240 it has.
	_, err = inquire("long")
	mustReason(t, "long", err, ibmmq.MQRC_PROPERTY_VALUE_TOO_BIG)
	_, err = inquire("none")
	mustReason(t, "none", err, ibmmq.MQRC_PROPERTY_NOT_AVAILABLE)
	mustReason(t, "close", o.Close(0), 0)
	_, err = m.Open(&ibmmq.MQOD{Version: 1, ObjectType: ibmmq.MQOT_Q, ObjectName: d.ObjectName, AlternateSecurityId: make([]byte, 40)}, both)
	mustReason(t, "gone with its handle", err, ibmmq.MQRC_UNKNOWN_OBJECT_NAME)
}

func TestFaultsAndWarnings(t *testing.T) {
	m := mqitest.Connect(t, "t")
	name := mqitest.Queue(t, m, "")
	o := mqitest.Open(t, m, name, both)
	mqitest.Tell(t, m, fmt.Sprintf("FAIL VERB(MQPUT) RC(2192) AFTER(1) TIMES(1) QUEUE(%s)", name))
	for i, want := range []int32{0, ibmmq.MQRC_STORAGE_MEDIUM_FULL, 0} {
		_, err := put(t, o, "x", nil)
		mustReason(t, fmt.Sprint("put ", i), err, want)
	}
	mqitest.Tell(t, m, "FAIL VERB(MQCONNX) RC(2391) TIMES(1) APPL(warned)")
	c := ibmmq.NewMQCNO()
	c.ApplName = "warned"
	w, err := ibmmq.Connx("", c)
	mustReason(t, "warning", err, ibmmq.MQRC_SSL_ALREADY_INITIALIZED)
	mustReason(t, "the handle of a warning lives", w.Cmit(), 0)
	mustReason(t, "and is to be given back", w.Disc(), 0)
	d, md, p := ibmmq.NewMQOD(), ibmmq.NewMQMD(), ibmmq.NewMQPMO()
	d.ObjectName = "LINTEL.CONTROL"
	mustReason(t, "nonsense", m.Put1(d, md, p, []byte("NONSENSE")), ibmmq.MQRC_UNEXPECTED_ERROR)
}

func TestCallbacks(t *testing.T) {
	m, other := mqitest.Connect(t, "t"), mqitest.Connect(t, "u")
	name := mqitest.Queue(t, m, "")
	o := mqitest.Open(t, m, name, both)
	got := make(chan string, 8)
	d, md, g := ibmmq.NewMQCBD(), ibmmq.NewMQMD(), ibmmq.NewMQGMO()
	d.CallbackFunction = func(_ *ibmmq.MQQueueManager, _ *ibmmq.MQObject, _ *ibmmq.MQMD, _ *ibmmq.MQGMO, b []byte, _ *ibmmq.MQCBC, r *ibmmq.MQReturn) {
		if r.MQCC == ibmmq.MQCC_OK {
			got <- string(b)
		}
	}
	mustReason(t, "register", o.CB(ibmmq.MQOP_REGISTER, d, md, g), 0)
	mustReason(t, "start", m.Ctl(ibmmq.MQOP_START, ibmmq.NewMQCTLO()), 0)
	_, err := put(t, o, "x", nil)
	mustReason(t, "while started", err, ibmmq.MQRC_HCONN_ASYNC_ACTIVE)
	_, _ = put(t, mqitest.Open(t, other, name, both), "called", nil)
	if b := <-got; b != "called" {
		t.Errorf("got %q", b)
	}
	mustReason(t, "stop", m.Ctl(ibmmq.MQOP_STOP, ibmmq.NewMQCTLO()), 0)
	mustReason(t, "deregister", o.CB(ibmmq.MQOP_DEREGISTER, d, md, g), 0)
}

func TestConcurrentReplies(t *testing.T) {
	m := mqitest.Connect(t, "t")
	name := mqitest.Queue(t, m, "")
	var wg sync.WaitGroup
	for w := range 8 {
		c := mqitest.Connect(t, "worker")
		o := mqitest.Open(t, c, name, both)
		wg.Go(func() {
			for i := range 50 {
				want := fmt.Sprint(w, "-", i)
				id := make([]byte, 24)
				copy(id, want)
				if _, err := put(t, o, want, func(md *ibmmq.MQMD, _ *ibmmq.MQPMO) { md.CorrelId = id }); err != nil {
					t.Error(err)
				}
				body, _, err := get(o, time.Minute, func(md *ibmmq.MQMD, g *ibmmq.MQGMO) { md.CorrelId, g.MatchOptions = id, ibmmq.MQMO_MATCH_CORREL_ID })
				if err != nil || body != want {
					t.Errorf("got %q %v, want %q", body, err, want)
				}
			}
		})
	}
	wg.Wait()
}

// TestTwoProcesses: a second process plays the host over a shared file, and is killed with a message in hand.
func TestTwoProcesses(t *testing.T) {
	if state := os.Getenv("MQI_TEST_ROLE"); state != "" {
		second(t)
		return
	}
	state := filepath.Join(t.TempDir(), "state")
	run := func(role string) (string, error) {
		c := exec.Command(os.Args[0], "-test.run=^TestTwoProcesses$", "-test.v")
		c.Env = append(os.Environ(), "MQI_TEST_ROLE="+role, "MQI_STATE="+state, "MQI_DEFINE=DEFINE QLOCAL(A); DEFINE QLOCAL(B)")
		out, err := c.CombinedOutput()
		return string(out), err
	}
	if out, err := run("put"); err != nil {
		t.Fatal(out)
	}
	if out, err := run("die"); err == nil || !strings.Contains(out, "holding") {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := run("get"); err != nil {
		t.Fatal(out)
	}
}

func second(t *testing.T) {
	m := mqitest.Connect(t, "second")
	o := mqitest.Open(t, m, "A", both)
	switch os.Getenv("MQI_TEST_ROLE") {
	case "put":
		_, err := put(t, o, "across", nil)
		mustReason(t, "put", err, 0)
	case "die":
		_, _, err := get(o, 0, func(_ *ibmmq.MQMD, g *ibmmq.MQGMO) { g.Options = ibmmq.MQGMO_SYNCPOINT })
		mustReason(t, "get", err, 0)
		fmt.Println("holding")
		os.Exit(7) // without MQDISC, which would commit
	case "get":
		body, md, err := get(o, 0, nil)
		if err != nil || body != "across" || md.BackoutCount != 1 {
			t.Errorf("got %q, backed out %d times, %v", body, md.BackoutCount, err)
		}
	}
}
