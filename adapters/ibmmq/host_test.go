// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq_test

import (
	"sync"
	"testing"
	"time"

	driver "github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters/adaptertest"
	"lintel/adapters/ibmmq/mqitest"
)

// host plays a program on a mainframe: it reads a queue and answers as scripted.
type host struct {
	t      testing.TB
	app    string
	queue  string
	script adaptertest.Script
	ledger *adaptertest.Ledger
	// answer, if set, changes each reply before it is put.
	answer  func(request, reply *driver.MQMD)
	replies chan message
	stop    chan struct{}
	once    sync.Once
	wg      sync.WaitGroup
}

// message is a reply on its way, or a command to the stand-in.
type message struct {
	to   string
	md   *driver.MQMD
	body []byte
	done chan struct{}
}

// startHost starts a host on a queue of its own. app is the name of the connections that it breaks.
func startHost(t testing.TB, app string, s adaptertest.Script) *host {
	t.Helper()
	control := mqitest.Connect(t, "control")
	mqitest.Tell(t, control, "START; HEAL; DEFINE QMODEL(SYSTEM.DEFAULT.MODEL.QUEUE)")
	h := &host{
		t: t, app: app, queue: mqitest.Queue(t, control, ""), script: s, ledger: adaptertest.NewLedger(),
		replies: make(chan message), stop: make(chan struct{}),
	}
	reader, writer := mqitest.Connect(t, "host"), mqitest.Connect(t, "control")
	in := mqitest.Open(t, reader, h.queue, driver.MQOO_INPUT_SHARED)
	h.wg.Go(func() { h.serve(in) })
	h.wg.Go(func() { h.write(writer) })
	t.Cleanup(h.close)
	return h
}

func (h *host) close() {
	h.once.Do(func() { close(h.stop) })
	h.wg.Wait()
}

func (h *host) serve(in driver.MQObject) {
	buffer := make([]byte, 1<<20)
	for {
		select {
		case <-h.stop:
			return
		default:
		}
		md, g := driver.NewMQMD(), driver.NewMQGMO()
		g.Version, g.MatchOptions = driver.MQGMO_VERSION_2, driver.MQMO_NONE
		g.Options, g.WaitInterval = driver.MQGMO_WAIT|driver.MQGMO_NO_SYNCPOINT, 50
		md.Version = driver.MQMD_VERSION_2
		n, err := in.Get(md, g, buffer)
		if mqitest.Reason(err) == driver.MQRC_NO_MSG_AVAILABLE {
			continue
		}
		if err != nil {
			return // stopped
		}
		request := append([]byte(nil), buffer[:n]...)
		number := h.ledger.Add(request)
		h.wg.Go(func() {
			step := h.script(number, request)
			if step.Body == nil {
				step.Body = request
			}
			select {
			case <-time.After(step.After):
				h.act(md, step)
			case <-h.stop:
			}
			if step.Done != nil {
				step.Done()
			}
		})
	}
}

func (h *host) act(md *driver.MQMD, s adaptertest.Step) {
	switch s.Do {
	case adaptertest.Reply:
		h.reply(md, s.Body)
	case adaptertest.Twice:
		h.reply(md, s.Body)
		h.reply(md, s.Body)
	case adaptertest.Chatter:
		h.reply(md, s.Body)
		time.Sleep(s.Gap)
		foreign := *md
		foreign.MsgId = []byte("nobody asked for this one")[:24]
		h.reply(&foreign, []byte("chatter"))
	case adaptertest.ReplyAndEnd:
		h.reply(md, s.Body)
		select {
		case <-s.Taken:
		case <-h.stop:
		}
		h.tell("BREAK APPL(" + h.app + ")")
	case adaptertest.CutBefore, adaptertest.ResetBefore, adaptertest.HalfClose:
		h.tell("BREAK APPL(" + h.app + ")")
	}
}

// reply puts one message where the request wants its replies.
func (h *host) reply(request *driver.MQMD, body []byte) {
	md := driver.NewMQMD()
	md.MsgType, md.CorrelId, md.Format, md.CodedCharSetId = driver.MQMT_REPLY, request.MsgId, request.Format, request.CodedCharSetId
	md.Persistence, md.Encoding = request.Persistence, request.Encoding
	if request.Report&driver.MQRO_PASS_CORREL_ID != 0 {
		md.CorrelId = request.CorrelId
	}
	if h.answer != nil {
		h.answer(request, md)
	}
	h.hand(message{to: request.ReplyToQ, md: md, body: body})
}

func (h *host) tell(command string) {
	h.hand(message{to: "LINTEL.CONTROL", md: driver.NewMQMD(), body: []byte(command)})
}

func (h *host) hand(m message) {
	m.done = make(chan struct{})
	select {
	case h.replies <- m:
		<-m.done
	case <-h.stop:
	}
}

func (h *host) write(m *driver.MQQueueManager) {
	for {
		select {
		case r := <-h.replies:
			d, p := driver.NewMQOD(), driver.NewMQPMO()
			d.ObjectType, d.ObjectName = driver.MQOT_Q, r.to
			p.Options = driver.MQPMO_NO_SYNCPOINT
			_ = m.Put1(d, r.md, p, r.body) // the queue may be gone with its connection, as it must be
			close(r.done)
		case <-h.stop:
			return
		}
	}
}
