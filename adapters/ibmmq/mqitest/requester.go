// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package mqitest

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"
)

// Echoes starts a host that answers at once with what it got, and returns its queue. It ends with the test.
func Echoes(b testing.TB) string {
	b.Helper()
	control := Connect(b, "control")
	Tell(b, control, "START; HEAL; DEFINE QMODEL(SYSTEM.DEFAULT.MODEL.QUEUE)")
	queue := Queue(b, control, "")
	var stop atomic.Bool
	var wg sync.WaitGroup
	for range 2 {
		m := Connect(b, "host")
		in := Open(b, m, queue, ibmmq.MQOO_INPUT_SHARED)
		wg.Go(func() {
			buffer := make([]byte, 4096)
			for !stop.Load() {
				md, g := ibmmq.NewMQMD(), ibmmq.NewMQGMO()
				g.Options, g.WaitInterval = ibmmq.MQGMO_WAIT|ibmmq.MQGMO_NO_SYNCPOINT, 50
				n, err := in.Get(md, g, buffer)
				if err != nil {
					continue
				}
				d, p, reply := ibmmq.NewMQOD(), ibmmq.NewMQPMO(), ibmmq.NewMQMD()
				d.ObjectType, d.ObjectName, p.Options = ibmmq.MQOT_Q, md.ReplyToQ, ibmmq.MQPMO_NO_SYNCPOINT
				reply.MsgType, reply.CorrelId = ibmmq.MQMT_REPLY, md.MsgId
				_ = m.Put1(d, reply, p, buffer[:n])
			}
		})
	}
	b.Cleanup(func() {
		stop.Store(true)
		wg.Wait()
	})
	return queue
}

// Requesters are the plainest that mq-golang allows, for comparisons: each worker has a connection of its own, puts, and
// gets the reply by its correlation id.
func Requesters(b testing.TB, queue string, workers int) func(worker int, body []byte) error {
	b.Helper()
	replies := Queue(b, Connect(b, "control"), "")
	var put, get []ibmmq.MQObject
	for range workers {
		m := Connect(b, "bare")
		put = append(put, Open(b, m, queue, ibmmq.MQOO_OUTPUT))
		get = append(get, Open(b, m, replies, ibmmq.MQOO_INPUT_SHARED))
	}
	return func(w int, body []byte) error {
		md, p, g := ibmmq.NewMQMD(), ibmmq.NewMQPMO(), ibmmq.NewMQGMO()
		md.MsgType, md.ReplyToQ, p.Options = ibmmq.MQMT_REQUEST, replies, ibmmq.MQPMO_NO_SYNCPOINT
		if err := put[w].Put(md, p, body); err != nil {
			return err
		}
		in := ibmmq.NewMQMD()
		in.CorrelId = md.MsgId
		g.Version, g.MatchOptions = ibmmq.MQGMO_VERSION_2, ibmmq.MQMO_MATCH_CORREL_ID
		g.Options, g.WaitInterval = ibmmq.MQGMO_WAIT|ibmmq.MQGMO_NO_SYNCPOINT, 20_000
		_, err := get[w].Get(in, g, make([]byte, 4096))
		return err
	}
}
