// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"strings"
	"sync"
	"time"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"
)

// unasked is how long nothing is asked that was not allowed: a queue manager notes each attempt.
const unasked = time.Hour

// questions are those to the queue manager about its objects, which not every user may ask. Without answers a source
// works all the same.
type questions struct {
	mu sync.Mutex
	// refused is when the question about a kind of object was.
	refused map[int32]time.Time
	tell    func(what string)
	told    bool
}

// OnLimit implements adapters.Limited.
func (s *Source) OnLimit(tell func(what string)) {
	s.asks.mu.Lock()
	defer s.asks.mu.Unlock()
	s.asks.tell = tell
}

// may tells whether a kind of object may be asked, as far as is known.
func (q *questions) may(kind int32) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	at, refused := q.refused[kind]
	return !refused || time.Since(at) > unasked
}

// open opens an object for questions.
func (q *questions) open(m *ibmmq.MQQueueManager, kind int32, name string) (ibmmq.MQObject, error) {
	d := ibmmq.NewMQOD()
	d.ObjectType, d.ObjectName = kind, name
	o, err := m.Open(d, ibmmq.MQOO_INQUIRE)
	q.mu.Lock()
	defer q.mu.Unlock()
	if reason(err) != ibmmq.MQRC_NOT_AUTHORIZED {
		delete(q.refused, kind)
		return o, err
	}
	if q.refused == nil {
		q.refused = map[int32]time.Time{}
	}
	q.refused[kind] = time.Now()
	return o, err
}

// report tells once what is not known since it may not be asked.
func (q *questions) report(name string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var missing []string
	if _, refused := q.refused[ibmmq.MQOT_Q]; refused {
		missing = append(missing, "the queue "+name+": its depth, backout threshold and backout queue are not known")
	}
	if _, refused := q.refused[ibmmq.MQOT_Q_MGR]; refused {
		missing = append(missing, "the queue manager: its dead-letter queue is not known")
	}
	if len(missing) == 0 || q.told || q.tell == nil {
		return
	}
	q.told = true
	q.tell("no authority to inquire (2035) on " + strings.Join(missing, "; nor on "))
}

// resting is where poison goes, as the queue and the queue manager say. What may not be asked is left empty.
type resting struct {
	threshold              int32
	backout, dead, manager string
}

// restingPlace asks for it. Who may not inquire has no threshold and no place but what the listener names.
func (s *Source) restingPlace(m *ibmmq.MQQueueManager) resting {
	var r resting
	ask := func(kind int32, name string, attributes ...int32) map[int32]any {
		if !s.asks.may(kind) {
			return nil
		}
		o, err := s.asks.open(m, kind, name)
		if !worked(err) {
			return nil
		}
		defer func() { _ = o.Close(0) }()
		got, err := o.Inq(attributes)
		if !worked(err) {
			return nil
		}
		return got
	}
	got := ask(ibmmq.MQOT_Q, s.opts.Queue, ibmmq.MQIA_BACKOUT_THRESHOLD, ibmmq.MQCA_BACKOUT_REQ_Q_NAME)
	r.threshold, _ = got[ibmmq.MQIA_BACKOUT_THRESHOLD].(int32)
	r.backout = trimmed(got[ibmmq.MQCA_BACKOUT_REQ_Q_NAME])
	got = ask(ibmmq.MQOT_Q_MGR, "", ibmmq.MQCA_DEAD_LETTER_Q_NAME, ibmmq.MQCA_Q_MGR_NAME)
	r.dead, r.manager = trimmed(got[ibmmq.MQCA_DEAD_LETTER_Q_NAME]), trimmed(got[ibmmq.MQCA_Q_MGR_NAME])
	s.asks.report(s.opts.Queue)
	return r
}

func trimmed(v any) string {
	s, _ := v.(string)
	return strings.TrimRight(s, " \x00")
}
