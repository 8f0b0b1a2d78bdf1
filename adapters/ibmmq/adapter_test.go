// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	driver "github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/ibmmq"
	"lintel/adapters/ibmmq/mqitest"
	"lintel/specs"
)

const patience = time.Minute

func mustEnd(t *testing.T, err error, kind adapters.Kind, fate adapters.Fate) {
	t.Helper()
	var e *adapters.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Fate != fate {
		t.Errorf("got %v, want %v (%v)", err, kind, fate)
	}
}

func exchange(t *testing.T, a *ibmmq.Adapter, m adapters.Message, limit time.Duration) (adapters.Message, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	return a.Exchange(ctx, m)
}

// mustDoubt makes an exchange that runs out of time when the host has its request.
func mustDoubt(ctx context.Context, t *testing.T, h *host, a *ibmmq.Adapter, m adapters.Message) {
	t.Helper()
	err := adaptertest.OutOfTime(h.ledger, m.Body, func(limit time.Duration) error {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		_, err := a.Exchange(ctx, m)
		return err
	})
	mustEnd(t, err, adapters.Timeout, adapters.InDoubt)
}

// mustProbe waits until the adapter is connected: another one that ended a moment ago may have its queue still.
func mustProbe(t *testing.T, a *ibmmq.Adapter) {
	t.Helper()
	until(t, "a connection", func() bool { return a.Probe(t.Context()) == nil })
}

// held is a script that answers once the exchanges are over that are not to wait for it.
func held() (s adaptertest.Script, over func()) {
	wait := make(chan struct{})
	return func(int, []byte) adaptertest.Step {
		<-wait
		return adaptertest.Step{}
	}, func() { close(wait) }
}

func hello() adapters.Message { return adapters.Message{Body: []byte("hello")} }

func echo(int, []byte) adaptertest.Step { return adaptertest.Step{} }

func never(int, []byte) adaptertest.Step { return adaptertest.Step{Do: adaptertest.Never} }

// mustWork makes exchanges until one works: after a failure attempts to connect are spaced out.
func mustWork(t *testing.T, a *ibmmq.Adapter) {
	t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if _, err = exchange(t, a, hello(), patience); err == nil {
			return
		}
		if e := new(adapters.Error); !errors.As(err, &e) || e.Fate != adapters.NotSent {
			break
		}
	}
	t.Errorf("it does not recover: %v", err)
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// M01: with syncpoint only the commit can be in doubt, and nothing is put twice.
func TestM01Syncpoint(t *testing.T) {
	for _, tt := range []struct {
		fault string
		kind  adapters.Kind
		fate  adapters.Fate
		seen  int
	}{
		{"VERB(MQPUT) RC(2009)", adapters.Unreachable, adapters.NotSent, 0},
		{"VERB(MQPUT) RC(2009) DONE", adapters.Unreachable, adapters.NotSent, 0},
		{"VERB(MQPUT) RC(2053)", adapters.Unreachable, adapters.NotSent, 0},
		{"VERB(MQCMIT) RC(2009)", adapters.Broken, adapters.InDoubt, 0},
		{"VERB(MQCMIT) RC(2009) DONE", adapters.Broken, adapters.InDoubt, 1},
		{"VERB(MQCMIT) RC(2003)", adapters.Unreachable, adapters.NotSent, 0},
	} {
		t.Run(tt.fault, func(t *testing.T) {
			// Without a reply to "once": one that came in time would prove that the request was there.
			h, a := gateway(t, func(_ int, request []byte) adaptertest.Step {
				if string(request) == "once" {
					return adaptertest.Step{Do: adaptertest.Never}
				}
				return adaptertest.Step{}
			}, func(_ *host, o *ibmmq.Options) { o.Syncpoint, o.Slice = true, time.Minute })
			t.Cleanup(func() { h.tell("HEAL; BREAK APPL(" + h.app + ")") }) // wakes what waits long
			mustWork(t, a)
			h.tell("FAIL " + tt.fault + " TIMES(1) APPL(" + h.app + ")")
			_, err := exchange(t, a, adapters.Message{Body: []byte("once")}, patience)
			mustEnd(t, err, tt.kind, tt.fate)
			mustWork(t, a) // behind it on the same queue: the host has seen what there was
			if n := h.ledger.Times([]byte("once")); n != tt.seen {
				t.Errorf("the host saw the request %d times, want %d", n, tt.seen)
			}
		})
	}
}

// M02: what each reason code of each call means for the request.
func TestM02ReasonCodes(t *testing.T) {
	for _, tt := range []struct {
		verb string
		rc   int32
		kind adapters.Kind
		fate adapters.Fate
	}{
		{"MQCONNX", driver.MQRC_Q_MGR_NOT_AVAILABLE, adapters.Unreachable, adapters.NotSent},
		{"MQCONNX", driver.MQRC_HOST_NOT_AVAILABLE, adapters.Unreachable, adapters.NotSent},
		{"MQCONNX", driver.MQRC_NOT_AUTHORIZED, adapters.Config, adapters.NotSent},
		{"MQCONNX", driver.MQRC_SSL_INITIALIZATION_ERROR, adapters.Config, adapters.NotSent},
		{"MQOPEN", driver.MQRC_UNKNOWN_OBJECT_NAME, adapters.Config, adapters.NotSent},
		{"MQOPEN", driver.MQRC_OBJECT_IN_USE, adapters.Unreachable, adapters.NotSent},
		{"MQPUT", driver.MQRC_CONNECTION_BROKEN, adapters.Broken, adapters.InDoubt},
		{"MQPUT", driver.MQRC_CONNECTION_STOPPING, adapters.Broken, adapters.InDoubt},
		{"MQPUT", driver.MQRC_CALL_INTERRUPTED, adapters.Broken, adapters.InDoubt},
		{"MQPUT", driver.MQRC_UNEXPECTED_ERROR, adapters.Broken, adapters.InDoubt},
		{"MQPUT", 2999, adapters.Broken, adapters.InDoubt},
		{"MQPUT", driver.MQRC_Q_MGR_QUIESCING, adapters.Unreachable, adapters.NotSent},
		{"MQPUT", driver.MQRC_BACKED_OUT, adapters.Unreachable, adapters.NotSent},
		{"MQPUT", driver.MQRC_Q_FULL, adapters.Unreachable, adapters.NotSent},
		{"MQPUT", driver.MQRC_PUT_INHIBITED, adapters.Unreachable, adapters.NotSent},
		{"MQPUT", driver.MQRC_MSG_TOO_BIG_FOR_Q, adapters.TooLarge, adapters.NotSent},
		{"MQPUT", driver.MQRC_FORMAT_ERROR, adapters.Config, adapters.NotSent},
		{"MQPUT", driver.MQRC_HOBJ_ERROR, adapters.Internal, adapters.NotSent},
		{"MQGET", driver.MQRC_CONNECTION_BROKEN, adapters.Broken, adapters.InDoubt},
		{"MQGET", driver.MQRC_CALL_INTERRUPTED, adapters.Broken, adapters.InDoubt},
		{"MQGET", driver.MQRC_Q_MGR_QUIESCING, adapters.Broken, adapters.InDoubt},
	} {
		t.Run(fmt.Sprint(tt.verb, " ", tt.rc), func(t *testing.T) {
			var h *host
			fault := fmt.Sprintf("FAIL VERB(%s) RC(%d) TIMES(1) ", tt.verb, tt.rc)
			h, a := gateway(t, func(n int, _ []byte) adaptertest.Step {
				if n == 0 && tt.verb == "MQGET" {
					h.tell(fault + "APPL(" + h.app + ")")
					return adaptertest.Step{Do: adaptertest.Never}
				}
				return adaptertest.Step{}
			}, nil)
			if tt.verb != "MQGET" {
				h.tell(fault + "APPL(" + h.app + ")")
			}
			_, err := exchange(t, a, hello(), patience)
			mustEnd(t, err, tt.kind, tt.fate)
			mustWork(t, a)
		})
	}
}

// M03: a request that expired on its queue was never read. Reports that come after the deadline are counted.
func TestM03ExpirationReport(t *testing.T) {
	h, a := gateway(t, echo, nil)
	h.answer = func(_, reply *driver.MQMD) {
		reply.MsgType, reply.Feedback = driver.MQMT_REPORT, driver.MQFB_EXPIRATION
	}
	_, err := exchange(t, a, hello(), patience)
	mustEnd(t, err, adapters.Timeout, adapters.NotApplied)
}

// M04: that the host took the request proves no work.
func TestM04ConfirmationWithoutReply(t *testing.T) {
	h, a := gateway(t, never, nil)
	m := hello()
	m.Properties = map[string]any{"report": int64(driver.MQRO_COD | driver.MQRO_COA)}
	mustDoubt(t.Context(), t, h, a, m)
	until(t, "both reports", func() bool { return a.Stats().Reports == 2 })
}

// M05: a reply that came while nobody was there is kept for whoever asks.
func TestM05ReplyAfterRestart(t *testing.T) {
	control := mqitest.Connect(t, "control")
	kept := mqitest.Queue(t, control, "")
	var o ibmmq.Options
	script, over := held()
	h, a := gateway(t, script, func(h *host, to *ibmmq.Options) {
		permanent(h, to)
		to.Quarantine, to.Persistent = kept, true
		o = *to
	})
	mustDoubt(t.Context(), t, h, a, hello())
	_ = a.Close()
	over()
	until(t, "the reply waits", func() bool { return mqitest.Depth(t, control, o.ReplyQueue) == 1 })
	b, err := ibmmq.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	mustProbe(t, b)
	until(t, "it is in quarantine", func() bool { return mqitest.Depth(t, control, kept) == 1 && b.Stats().Quarantined == 1 })
}

// M06: the first reply with the id is used, the rest put aside: never is the next message taken.
func TestM06StrangeReplies(t *testing.T) {
	control := mqitest.Connect(t, "control")
	kept := mqitest.Queue(t, control, "")
	acts := []adaptertest.Act{adaptertest.Twice, adaptertest.Chatter, adaptertest.Reply}
	h, a := gateway(t, func(n int, _ []byte) adaptertest.Step { return adaptertest.Step{Do: acts[min(n, 2)]} },
		func(_ *host, o *ibmmq.Options) { o.Quarantine = kept })
	for i := range 2 {
		if m, err := exchange(t, a, hello(), patience); err != nil || string(m.Body) != "hello" {
			t.Errorf("exchange %d: %q, %v", i, m.Body, err)
		}
	}
	until(t, "two in quarantine", func() bool { return mqitest.Depth(t, control, kept) == 2 })
	h.answer = func(_, reply *driver.MQMD) { reply.CorrelId = make([]byte, 24) }
	third := adapters.Message{Body: []byte("third")}
	mustDoubt(t.Context(), t, h, a, third)
	until(t, "three in quarantine", func() bool { return mqitest.Depth(t, control, kept) == 3 })
	if s := a.Stats(); s.Unmatched != 3 || s.Quarantined != 3 {
		t.Errorf("stats %+v", s)
	}
}

// M07: a reply that cannot be read is taken once, and the next one is served.
func TestM07PoisonReply(t *testing.T) {
	control := mqitest.Connect(t, "control")
	_, a := gateway(t, never, func(h *host, o *ibmmq.Options) {
		permanent(h, o)
		o.Properties = true
		out := mqitest.Open(t, control, o.ReplyQueue, driver.MQOO_OUTPUT)
		in := mqitest.Queue(t, control, "")
		o.Queue = in
		from := mqitest.Open(t, control, in, driver.MQOO_INPUT_SHARED)
		go poison(control, from, out)
	})
	_, err := exchange(t, a, hello(), patience)
	mustEnd(t, err, adapters.Unreadable, adapters.Applied)
	mustWork(t, a)
}

// poison answers two requests: the first with a property that is too long for mq-golang.
func poison(m *driver.MQQueueManager, from, out driver.MQObject) {
	for i := 0; i < 2; {
		md, g := driver.NewMQMD(), driver.NewMQGMO()
		g.Options, g.WaitInterval = driver.MQGMO_NO_SYNCPOINT, 0
		n, err := from.Get(md, g, make([]byte, 100))
		if err != nil {
			time.Sleep(time.Millisecond)
			if r := mqitest.Reason(err); r != driver.MQRC_NO_MSG_AVAILABLE && r != driver.MQRC_CALL_IN_PROGRESS {
				return
			}
			continue
		}
		h, _ := m.CrtMH(driver.NewMQCMHO())
		_ = h.SetMP(driver.NewMQSMPO(), "text", driver.NewMQPD(), strings.Repeat("x", 3000*(1-i)+1))
		p, reply := driver.NewMQPMO(), driver.NewMQMD()
		p.Options, p.OriginalMsgHandle = driver.MQPMO_NO_SYNCPOINT, h
		reply.MsgType, reply.CorrelId, reply.Persistence = driver.MQMT_REPLY, md.MsgId, driver.MQPER_PERSISTENT
		_ = out.Put(reply, p, make([]byte, n))
		i++
	}
}

// M08: a reply queue that takes or gives nothing leaves the exchange in doubt, and stops the next one.
func TestM08ReplyQueue(t *testing.T) {
	var queue string
	h, a := gateway(t, echo, func(h *host, o *ibmmq.Options) {
		permanent(h, o)
		queue = o.ReplyQueue
	})
	h.answer = func(_, reply *driver.MQMD) { reply.CodedCharSetId, reply.Format = 500, "MQSTR" }
	m, err := exchange(t, a, hello(), patience)
	if err != nil || m.Properties["ccsid"] != int64(500) || m.Properties["format"] != "MQSTR" {
		t.Errorf("reply in another code page: %v, %v", m.Properties, err)
	}
	h.tell("ALTER QLOCAL(" + queue + ") MAXDEPTH(0)")
	mustDoubt(t.Context(), t, h, a, adapters.Message{Body: []byte("nowhere")})
	h.tell("ALTER QLOCAL(" + queue + ") MAXDEPTH(10) GET(DISABLED)")
	until(t, "it notices", func() bool { return a.Stats().Deaf > 0 })
	before := h.ledger.Total()
	_, err = exchange(t, a, hello(), patience)
	mustEnd(t, err, adapters.Unreachable, adapters.NotSent)
	if h.ledger.Total() != before {
		t.Error("a request was sent whose reply cannot be read")
	}
	h.tell("ALTER QLOCAL(" + queue + ") GET(ENABLED)")
	mustWork(t, a)
}

func TestQuiesce(t *testing.T) {
	h, a := gateway(t, never, nil)
	go func() {
		for h.ledger.Total() == 0 {
			time.Sleep(time.Millisecond)
		}
		h.tell("QUIESCE")
	}()
	_, err := exchange(t, a, hello(), patience)
	mustEnd(t, err, adapters.Broken, adapters.InDoubt)
	_, err = exchange(t, a, hello(), patience)
	mustEnd(t, err, adapters.Unreachable, adapters.NotSent)
}

func TestDatagram(t *testing.T) {
	h, a := gateway(t, never, func(_ *host, o *ibmmq.Options) { o.Datagram, o.Persistent = true, true })
	if m, err := exchange(t, a, hello(), patience); err != nil || m.Body != nil {
		t.Errorf("%q, %v", m.Body, err)
	}
	until(t, "the host has it", func() bool { return h.ledger.Total() == 1 })
}

// TestProperties: the table of specs has the properties of this adapter, request and reply.
func TestProperties(t *testing.T) {
	seen := make(chan driver.MQMD, 1)
	h, a := gateway(t, echo, func(_ *host, o *ibmmq.Options) { o.Identity, o.Properties = true, true })
	h.answer = func(request, _ *driver.MQMD) { seen <- *request }
	token := bytes.Repeat([]byte{5}, 32)
	set := map[string]any{
		"format": "MQSTR", "ccsid": int64(500), "encoding": int64(273), "priority": int64(4), "persistent": false, "expiry": int64(150),
		"report": int64(driver.MQRO_EXPIRATION), "userId": "CUSTOMER", "accountingToken": token, "applicationIdentity": "branch 7", "correlationId": []byte{1, 2},
		"application.text": "x", "application.whole": int64(1), "application.yes": true, "application.bytes": []byte{3},
	}
	for _, p := range specs.WireProperties("mq") {
		if _, there := set[p.Name]; p.Request && !p.Open() && !there {
			t.Errorf("the table has %s, which this test does not set", p.Name)
		}
	}
	m := hello()
	m.Properties = set
	reply, err := exchange(t, a, m, patience)
	if err != nil {
		t.Fatal(err)
	}
	d := <-seen
	if strings.TrimSpace(d.UserIdentifier) != "CUSTOMER" || !bytes.Equal(d.AccountingToken, token) || strings.TrimSpace(d.ApplIdentityData) != "branch 7" || d.CorrelId[1] != 2 {
		t.Errorf("descriptor %+v", d)
	}
	for name, v := range reply.Properties {
		p, known := specs.FindProperty("mq", name)
		if !known || !p.Reply {
			t.Errorf("a reply has %s, which the table does not know", name)
			continue
		}
		if want := map[specs.PropertyType]string{specs.TextProperty: "string", specs.WholeProperty: "int64", specs.BooleanProperty: "bool", specs.BytesProperty: "[]uint8"}[p.Type]; want != "" && fmt.Sprintf("%T", v) != want {
			t.Errorf("%s is of type %T, the table says %s", name, v, p.Type)
		}
	}
	for _, p := range specs.WireProperties("mq") {
		if _, there := reply.Properties[p.Name]; p.Always && !there {
			t.Errorf("the reply has no %s", p.Name)
		}
	}
	_, plain := gateway(t, echo, nil)
	_, err = exchange(t, plain, adapters.Message{Properties: map[string]any{"userId": "CUSTOMER"}}, patience)
	mustEnd(t, err, adapters.Config, adapters.NotSent)
}

// TestTrace: the trace of an exchange goes with its message where that is asked for.
func TestTrace(t *testing.T) {
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	_, queue, s := listened(t, "", func(o *ibmmq.Options) { o.Properties = true })
	_, a := gateway(t, echo, func(_ *host, o *ibmmq.Options) { o.Queue, o.Datagram, o.Properties, o.Trace = queue, true, true, true })
	ctx := adapters.WithTrace(t.Context(), adapters.TraceContext{Parent: parent, State: "a=b"})
	if _, err := a.Exchange(ctx, hello()); err != nil {
		t.Fatal(err)
	}
	m := receive(t, s)
	if p := m.Message.Properties; p["application.traceparent"] != parent || p["application.tracestate"] != "a=b" {
		t.Errorf("properties %v", p)
	}
	settle(t, m, adapters.Done)
}

// TestDiagnose: each step is told, and the first that fails ends the way.
func TestDiagnose(t *testing.T) {
	control := mqitest.Connect(t, "control")
	mqitest.Tell(t, control, "START; HEAL; DEFINE QMODEL(SYSTEM.DEFAULT.MODEL.QUEUE); LOGIN USER(app) PASSWORD(right)")
	defer mqitest.Tell(t, control, "LOGIN USER() PASSWORD()")
	queue := mqitest.Queue(t, control, "")
	for _, test := range []struct {
		name, before, want string
		change             func(*ibmmq.Options)
	}{
		{"whole", "", "queue manager, authority, queue, reply queue, round trip", func(*ibmmq.Options) {}},
		{"datagram", "", "queue manager, authority, queue", func(o *ibmmq.Options) { o.Datagram = true }},
		{"listener", "", "queue manager, authority, queue", func(o *ibmmq.Options) { o.Listens = true }},
		{"password", "", "!authority", func(o *ibmmq.Options) { o.Password = "wrong" }},
		{"no queue", "", "queue manager, authority, !queue", func(o *ibmmq.Options) { o.Queue = "NOT.THERE" }},
		{"no reply queue", "", "queue manager, authority, queue, !reply queue", func(o *ibmmq.Options) { o.Model = "NOT.THERE" }},
		{"tls", "FAIL VERB(MQCONNX) RC(2393) TIMES(1) APPL(doctor)", "!tls", func(*ibmmq.Options) {}},
		{"no put", "FAIL VERB(MQPUT1) RC(2035) TIMES(1) APPL(doctor)", "queue manager, authority, queue, reply queue, !round trip", func(*ibmmq.Options) {}},
		{"stopped", "STOP", "!queue manager", func(*ibmmq.Options) {}},
	} {
		if test.before != "" {
			mqitest.Tell(t, control, test.before)
		}
		o := ibmmq.Options{Queue: queue, Application: "doctor", User: "app", Password: "right", Slice: 20 * time.Millisecond}
		test.change(&o)
		var got []string
		err := ibmmq.Diagnose(t.Context(), o, func(name string, err error) {
			if err != nil {
				name = "!" + name
			}
			got = append(got, name)
		})
		if all := strings.Join(got, ", "); all != test.want || (err != nil) != strings.Contains(all, "!") {
			t.Errorf("%s: %s, %v; want %s", test.name, all, err, test.want)
		}
		if test.before != "" {
			mqitest.Tell(t, control, "START; HEAL")
		}
	}
}

// TestDescriptor: what a transform sets is in the message, and what a reply says can be read.
func TestDescriptor(t *testing.T) {
	seen := make(chan driver.MQMD, 1)
	h, a := gateway(t, echo, func(_ *host, o *ibmmq.Options) { o.Format, o.CCSID, o.Encoding = "MQSTR", 1047, 785 })
	h.answer = func(request, _ *driver.MQMD) {
		d := *request
		d.MsgId, d.CorrelId = bytes.Clone(d.MsgId), bytes.Clone(d.CorrelId)
		seen <- d
	}
	m := hello()
	m.Properties = map[string]any{
		"format": "MQCICS", "priority": int64(7), "correlationId": "AMQ!NEW_SESSION_CORRELID", "report": int64(driver.MQRO_EXPIRATION),
	}
	reply, err := exchange(t, a, m, patience)
	if err != nil {
		t.Fatal(err)
	}
	d := <-seen
	if strings.TrimSpace(d.Format) != "MQCICS" || d.CodedCharSetId != 1047 || d.Encoding != 785 || d.Priority != 7 || string(d.CorrelId) != "AMQ!NEW_SESSION_CORRELID" ||
		d.MsgType != driver.MQMT_REQUEST || d.Expiry < 1 || d.Expiry > int32(patience/(100*time.Millisecond)) || d.Report != driver.MQRO_EXPIRATION|driver.MQRO_PASS_DISCARD_AND_EXPIRY || d.Persistence != driver.MQPER_NOT_PERSISTENT {
		t.Errorf("descriptor %+v", d)
	}
	if p := reply.Properties; p["format"] != "MQCICS" || p["ccsid"] != int64(1047) || p["encoding"] != int64(785) || string(p["correlationId"].([]byte)) != string(d.MsgId) {
		t.Errorf("properties %v", p)
	}
	for name, v := range map[string]any{
		"format": "NINECHARS", "priority": int64(10), "persistent": true, "messageId": "x", "nonsense": "x", "ccsid": "x",
		"application.x": "needs the setting", "report": int64(driver.MQRO_PASS_CORREL_ID), "expiry": int64(0),
	} {
		_, err := exchange(t, a, adapters.Message{Properties: map[string]any{name: v}}, patience)
		mustEnd(t, err, adapters.Config, adapters.NotSent)
	}
}

func TestTooLargeReply(t *testing.T) {
	_, a := gateway(t, echo, func(_ *host, o *ibmmq.Options) { o.MaxReply = 10 })
	_, err := exchange(t, a, adapters.Message{Body: make([]byte, 11)}, patience)
	mustEnd(t, err, adapters.TooLarge, adapters.Applied)
	mustWork(t, a)
}

func TestLogin(t *testing.T) {
	h, a := gateway(t, echo, func(_ *host, o *ibmmq.Options) { o.User, o.Password = "app", "secret" })
	h.tell("LOGIN USER(app) PASSWORD(secret)")
	t.Cleanup(func() { mqitest.Tell(t, mqitest.Connect(t, "control"), "LOGIN USER() PASSWORD()") })
	mustWork(t, a)
	o := ibmmq.Options{Queue: h.queue, User: "app", Password: "wrong"}
	b, err := ibmmq.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	_, err = exchange(t, b, hello(), patience)
	mustEnd(t, err, adapters.Config, adapters.NotSent)
	if strings.Contains(err.Error(), "wrong") {
		t.Error("the error holds the password")
	}
}

func TestConnectOptions(t *testing.T) {
	c := ibmmq.ConnectOptions(&ibmmq.Options{
		Channel: "APP.SVRCONN", Connection: "mq1(1414),mq2(1414)", CipherSpec: "ANY_TLS12_OR_HIGHER", KeyRepository: "/keys", KeyPassword: "k",
		Label: "us", Peer: "CN=mq", Token: "jwt", Application: "lintel", MaxReply: 8 << 20,
	})
	d := c.ClientConn
	if c.Options&driver.MQCNO_RECONNECT_DISABLED == 0 || c.Options&driver.MQCNO_CLIENT_BINDING == 0 || d.DefReconnect != driver.MQRCN_DISABLED ||
		d.ChannelName != "APP.SVRCONN" || d.ConnectionName != "mq1(1414),mq2(1414)" || d.SSLCipherSpec != "ANY_TLS12_OR_HIGHER" || d.SSLPeerName != "CN=mq" ||
		d.MaxMsgLength != 8<<20 || c.SSLConfig.KeyRepository != "/keys" || c.SSLConfig.KeyRepoPassword != "k" || c.SecurityParms.Token != "jwt" || c.ApplName != "lintel" {
		t.Errorf("options %+v, channel %+v, TLS %+v, login %+v", c, d, c.SSLConfig, c.SecurityParms)
	}
	c = ibmmq.ConnectOptions(&ibmmq.Options{CCDT: "https://mq/ccdt.json"})
	if c.CCDTUrl != "https://mq/ccdt.json" || c.ClientConn != nil {
		t.Errorf("options %+v", c)
	}
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]ibmmq.Options{
		"no queue":              {},
		"half a channel":        {Queue: "Q", Channel: "C"},
		"channel and table":     {Queue: "Q", Channel: "C", Connection: "h(1)", CCDT: "file:///x"},
		"cipher, no channel":    {Queue: "Q", CipherSpec: "ANY"},
		"datagram with replies": {Queue: "Q", Datagram: true, ReplyQueue: "R"},
		"shared, no name":       {Queue: "Q", Shared: true},
		"shared quarantine":     {Queue: "Q", Shared: true, ReplyQueue: "R", Quarantine: "X"},
		"two logins":            {Queue: "Q", User: "u", Token: "t"},
		"persistent, temporary": {Queue: "Q", Persistent: true},
		"negative":              {Queue: "Q", Putters: -1},
		"long format":           {Queue: "Q", Format: "NINECHARS"},
		"long application":      {Queue: "Q", Application: strings.Repeat("x", 29)},
		"long name":             {Queue: strings.Repeat("Q", 49)},
	} {
		if _, err := ibmmq.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
