// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"bytes"
	"runtime"
	"strconv"
	"time"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters"
	"lintel/adapters/queue"
)

// reader gets messages from one queue into one buffer.
type reader struct {
	*end
	l      *link
	buffer []byte
	handle ibmmq.MQMessageHandle
	// unit is the unit of work of a queue that outlives the connection, where replies are recorded; nil elsewhere.
	unit *unit
}

func (l *link) reader(e *end) (*reader, error) {
	r := &reader{end: e, l: l, buffer: make([]byte, l.a.opts.MaxReply)}
	if l.a.opts.ReplyQueue != "" && l.a.late.Opened() {
		r.unit = newUnit()
	}
	var err error
	if l.a.opts.Properties {
		r.handle, err = e.manager.CrtMH(ibmmq.NewMQCMHO())
	}
	return r, err
}

// get waits one slice for a message, with a correlation id if match is not nil. The body is in the buffer.
func (r *reader) get(match *id) (md *ibmmq.MQMD, n int, err error) {
	md, g := ibmmq.NewMQMD(), ibmmq.NewMQGMO()
	md.Version = ibmmq.MQMD_VERSION_2
	g.Version = ibmmq.MQGMO_VERSION_2 // with version 1 the ids of the descriptor would select
	g.MatchOptions = ibmmq.MQMO_NONE
	if match != nil {
		g.MatchOptions = ibmmq.MQMO_MATCH_CORREL_ID
		md.CorrelId = bytes.Clone(match[:])
	}
	// A persistent message stays until it was handed over, or is in quarantine. One that is too long is
	// taken all the same: it would block the queue.
	g.Options = ibmmq.MQGMO_WAIT | ibmmq.MQGMO_ACCEPT_TRUNCATED_MSG
	if r.unit != nil {
		g.Options |= ibmmq.MQGMO_SYNCPOINT
	} else {
		g.Options |= ibmmq.MQGMO_SYNCPOINT_IF_PERSISTENT
	}
	g.WaitInterval = int32(r.l.a.opts.Slice.Milliseconds())
	if r.l.a.opts.Properties {
		g.Options |= ibmmq.MQGMO_PROPERTIES_IN_HANDLE
		g.MsgHandle = r.handle
	}
	n, err = r.queue.Get(md, g, r.buffer)
	return md, n, err
}

// getter gets all replies and gives each to the exchange that waits for it.
func (l *link) getter(e *end) {
	r, err := l.reader(e)
	defer r.leave()
	for err == nil && l.ctx.Err() == nil {
		r.takeForeign()
		if err = r.next(nil); err == nil {
			err = r.commit(false)
		}
	}
}

// takeForeign puts away what came for nobody, as who keeps the journal has found.
func (r *reader) takeForeign() {
	for {
		select {
		case f := <-r.l.foreign:
			how := ibmmq.MQPMO_NO_SYNCPOINT
			if r.unit != nil {
				how = ibmmq.MQPMO_SYNCPOINT
			}
			r.quarantine(f.md, f.body, how)
			f.release()
		default:
			return
		}
	}
}

// sharedGetter gets one reply after the other by its id.
func (l *link) sharedGetter(e *end) {
	r, err := l.reader(e)
	defer r.leave()
	for err == nil && l.ctx.Err() == nil {
		select {
		case w := <-l.gets:
			for err == nil && w.done.Err() == nil && l.ctx.Err() == nil && l.waiters.Waits(w.id) {
				err = r.next(&w.id)
			}
			if err == nil {
				err = r.commit(true)
			}
			<-l.room
		case <-l.ctx.Done():
		}
	}
}

// next gets a message and hands it over. An error ends the connection.
func (r *reader) next(match *id) error {
	md, n, err := r.get(match)
	switch {
	case err == nil:
	case reason(err) == ibmmq.MQRC_NO_MSG_AVAILABLE:
		r.l.deaf.Store(nil)
		return nil
	case classOf(reason(err)) == busy:
		r.wait(err)
		return nil
	case !worked(err):
		return err
	}
	r.l.deaf.Store(nil)
	r.deliver(md, n)
	runtime.Gosched() // whoever got the reply goes on first: the next call would keep this processor from it
	if r.unit != nil || md.Persistence != ibmmq.MQPER_PERSISTENT {
		return nil
	}
	if err := r.manager.Cmit(); !worked(err) {
		return err
	}
	return nil
}

// wait lets a queue be that cannot be read now. Meanwhile nothing is sent.
func (r *reader) wait(err error) {
	e := failed(getting, "the reply queue cannot be read", err)
	e.Fate = adapters.NotSent
	r.l.deaf.Store(e)
	r.l.a.stats.deaf.Add(1)
	select {
	case <-time.After(r.l.a.opts.Slice):
	case <-r.l.ctx.Done():
	}
}

// deliver gives a message to whoever waits for it.
func (r *reader) deliver(md *ibmmq.MQMD, n int) {
	i, l, release := id(md.CorrelId), r.l, r.unit.hold()
	if md.MsgType == ibmmq.MQMT_REPORT {
		l.a.stats.reports.Add(1)
		r.report(i, md, release)
		return
	}
	reply, failure := r.read(md, n)
	if i != (id{}) && l.waiters.Give(i, result{reply, failure, release}) {
		return
	}
	if failure == nil && l.takeLate(i, md, adapters.LateEnd{Reply: reply}, release) {
		return
	}
	l.a.stats.unmatched.Add(1)
	if n <= len(r.buffer) {
		r.quarantine(md, r.buffer[:n], r.putting(md))
	}
	release()
}

// putting is how a message is put away: with its get, if that is in a unit of work.
func (r *reader) putting(md *ibmmq.MQMD) int32 {
	if r.unit != nil || md.Persistence == ibmmq.MQPER_PERSISTENT {
		return ibmmq.MQPMO_SYNCPOINT
	}
	return ibmmq.MQPMO_NO_SYNCPOINT
}

// read is what a reply holds.
func (r *reader) read(md *ibmmq.MQMD, n int) (adapters.Message, *adapters.Error) {
	if n > len(r.buffer) {
		return adapters.Message{}, &adapters.Error{Fate: adapters.Applied, Kind: adapters.TooLarge, Detail: "the reply is larger than maxReply"}
	}
	m := adapters.Message{Body: bytes.Clone(r.buffer[:n]), Properties: propertiesOf(md)}
	if r.l.a.opts.Properties {
		if err := r.properties(m.Properties); err != nil {
			return m, &adapters.Error{Fate: adapters.Applied, Kind: adapters.Unreadable, Detail: "the properties of the reply cannot be read", Cause: err}
		}
	}
	return m, nil
}

// report takes the queue manager's word about a request. Confirmations prove no work, and the reply is
// still to come. A request that expired on its queue was never read, which the journal learns even if nobody waits any more.
func (r *reader) report(i id, md *ibmmq.MQMD, release func()) {
	switch md.Feedback {
	case ibmmq.MQFB_COA, ibmmq.MQFB_COD, ibmmq.MQFB_PAN:
		release()
		return
	}
	e := &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Unreachable, Detail: "the queue manager reports about the request: feedback " + strconv.Itoa(int(md.Feedback))}
	if md.Feedback == ibmmq.MQFB_EXPIRATION {
		e.Fate, e.Kind, e.Detail = adapters.NotApplied, adapters.Timeout, "the request expired on its queue"
	}
	got := result{err: e, release: release}
	switch {
	case i != (id{}) && r.l.waiters.Give(i, got):
	case e.Fate == adapters.NotApplied:
		r.l.late(i, got)
	default:
		release()
	}
}

// quarantine puts a message that nobody waits for on the queue for such. Without one, or if that fails,
// the message is dropped: it must not fill the reply queue.
func (r *reader) quarantine(md *ibmmq.MQMD, body []byte, how int32) {
	name := r.l.a.opts.Quarantine
	if name == "" {
		return
	}
	d, p := ibmmq.NewMQOD(), ibmmq.NewMQPMO()
	d.ObjectType, d.ObjectName = ibmmq.MQOT_Q, name
	p.Options = how
	md.Expiry = ibmmq.MQEI_UNLIMITED
	md.Report = ibmmq.MQRO_NONE
	if worked(r.manager.Put1(d, md, p, body)) {
		r.l.a.stats.quarantined.Add(1)
	}
}

// properties reads the message properties of the last message.
func (r *reader) properties(to map[string]any) error {
	o := ibmmq.NewMQIMPO()
	o.Options = ibmmq.MQIMPO_INQ_FIRST | ibmmq.MQIMPO_CONVERT_VALUE
	for {
		name, v, err := r.handle.InqMP(o, ibmmq.NewMQPD(), "%")
		if reason(err) == ibmmq.MQRC_PROPERTY_NOT_AVAILABLE {
			return nil
		}
		if err != nil {
			return err
		}
		if v, ok := queue.Plain(v); ok {
			to[queue.Application+name] = v
		}
		o.Options = ibmmq.MQIMPO_INQ_NEXT | ibmmq.MQIMPO_CONVERT_VALUE
	}
}
