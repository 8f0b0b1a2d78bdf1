// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters"
	"lintel/adapters/queue"
)

// delivery is a message that was taken, with the connection whose unit of work holds it.
type delivery struct {
	s    *Source
	e    *sourceEnd
	md   *ibmmq.MQMD
	body []byte
}

// within makes a call of the library on a connection, after those before it, and gives up waiting for it when ctx ends.
// The call goes on then.
func (e *sourceEnd) within(ctx context.Context, call func() error) (err error, back bool) {
	done := make(chan error, 1)
	go func() {
		e.calls.Lock()
		defer e.calls.Unlock()
		done <- call()
	}()
	select {
	case err := <-done:
		return err, true
	case <-ctx.Done():
		return queue.Ended(ctx, adapters.InDoubt, "the queue manager did not answer in time"), false
	}
}

// Forward implements adapters.Delivery. A queue may be named as QUEUE@MANAGER.
func (d *delivery) Forward(ctx context.Context, address string, m adapters.Message) error {
	r, err := d.s.opts.encode(m, newID())
	if err != nil {
		return err
	}
	if address == replyAddress(d.md) {
		d.answers(r.md, m)
	}
	return d.put(ctx, address, r.md, r.body, r.properties)
}

// answers makes a message the reply to the one that was taken, as its report options ask.
func (d *delivery) answers(md *ibmmq.MQMD, m adapters.Message) {
	md.MsgType = ibmmq.MQMT_REPLY
	if m.Properties["persistent"] == nil {
		md.Persistence = d.md.Persistence
	}
	if m.Properties["priority"] == nil {
		md.Priority = d.md.Priority
	}
	if d.md.Report&ibmmq.MQRO_PASS_MSG_ID != 0 {
		md.MsgId = d.md.MsgId
	}
	if d.md.Report&ibmmq.MQRO_PASS_DISCARD_AND_EXPIRY != 0 {
		md.Expiry = d.md.Expiry
		md.Report |= d.md.Report & ibmmq.MQRO_DISCARD_MSG
	}
}

// put puts a message in the unit of work.
func (d *delivery) put(ctx context.Context, address string, md *ibmmq.MQMD, body []byte, properties map[string]any) error {
	od, p := ibmmq.NewMQOD(), ibmmq.NewMQPMO()
	od.ObjectType = ibmmq.MQOT_Q
	od.ObjectName, od.ObjectQMgrName, _ = strings.Cut(address, at)
	p.Options = ibmmq.MQPMO_SYNCPOINT
	err, back := d.e.within(ctx, func() error {
		if len(properties) > 0 {
			h, err := handleWith(d.e.manager, properties)
			if err != nil {
				return err
			}
			defer func() { _ = h.DltMH(ibmmq.NewMQDMHO()) }()
			p.OriginalMsgHandle = h
		}
		return d.e.manager.Put1(od, md, p, body)
	})
	switch {
	case !back:
		return err
	case !worked(err):
		return failed(puttingInUnit, "the message was not put", err)
	}
	return nil
}

// Bury implements adapters.Delivery: the message goes on as it is, with its descriptor.
func (d *delivery) Bury(ctx context.Context, address string, properties map[string]any) error {
	md := d.original()
	if !d.s.opts.Properties {
		properties = nil
	}
	return d.bury(ctx, address, md, d.body, properties)
}

// original is the descriptor of the message for another queue: it says what the message is, and nobody answers it.
func (d *delivery) original() *ibmmq.MQMD {
	md := *d.md
	md.Report, md.Expiry = ibmmq.MQRO_NONE, ibmmq.MQEI_UNLIMITED
	return &md
}

// bury puts a message with the properties that it came with.
func (d *delivery) bury(ctx context.Context, address string, md *ibmmq.MQMD, body []byte, more map[string]any) error {
	od, p := ibmmq.NewMQOD(), ibmmq.NewMQPMO()
	od.ObjectType = ibmmq.MQOT_Q
	od.ObjectName, od.ObjectQMgrName, _ = strings.Cut(address, at)
	p.Options = ibmmq.MQPMO_SYNCPOINT
	p.OriginalMsgHandle = d.e.handle
	err, back := d.e.within(ctx, func() error {
		for name, v := range more {
			if err := d.e.handle.SetMP(ibmmq.NewMQSMPO(), strings.TrimPrefix(name, queue.Application), ibmmq.NewMQPD(), v); err != nil {
				return err
			}
		}
		return d.e.manager.Put1(od, md, p, body)
	})
	switch {
	case !back:
		return err
	case !worked(err):
		return failed(puttingInUnit, "the message was not put away", err)
	}
	return nil
}

// Settle implements adapters.Delivery. A message that is given up goes to the backout queue of its queue, else to the
// dead-letter queue of the queue manager with an MQDLH in front. If neither takes it, it goes back: it is never dropped.
func (d *delivery) Settle(ctx context.Context, s adapters.Settlement) error {
	if s == adapters.Dead {
		if err := d.dead(ctx); err != nil {
			_ = d.finish(ctx, d.e.manager.Back)
			d.s.failed.Store(true) // it comes again, and shall not come at once
			return err
		}
	}
	if s == adapters.Back {
		return d.finish(ctx, d.e.manager.Back)
	}
	return d.finish(ctx, d.e.manager.Cmit)
}

// finish ends the unit of work and gives the connection back.
func (d *delivery) finish(ctx context.Context, call func() error) error {
	err, back := d.e.within(ctx, call)
	switch {
	case !back: // the connection is given up, once the library lets it go
		d.s.give(nil)
		go d.e.leave()
		return err
	case !worked(err):
		d.s.give(nil)
		d.e.leave()
		return queue.Fail(ctx, adapters.InDoubt, adapters.Broken, "the message could not be settled: it may come again", err)
	}
	d.s.give(d.e)
	return nil
}

// dead puts the message where poison goes.
func (d *delivery) dead(ctx context.Context) error {
	place := d.e.place
	if place.backout != "" {
		err := d.bury(ctx, place.backout, d.original(), d.body, nil)
		if err == nil || place.dead == "" {
			return err
		}
	}
	if place.dead == "" {
		return errNoPlace
	}
	md := d.original()
	h := ibmmq.NewMQDLH(md)
	md.MsgType = d.md.MsgType
	h.Reason = ibmmq.MQRC_BACKOUT_THRESHOLD_REACHED
	h.DestQName, h.DestQMgrName = fmt.Sprintf("%-48s", d.s.opts.Queue), fmt.Sprintf("%-48s", place.manager)
	h.PutApplType, h.PutApplName, h.PutDateTime = d.md.PutApplType, fmt.Sprintf("%-28s", strings.TrimRight(d.md.PutApplName, " ")), d.md.PutDateTime
	if h.PutDateTime.IsZero() {
		h.PutDateTime = time.Now()
	}
	md.Encoding, md.CodedCharSetId = ibmmq.MQENC_NATIVE, latin1 // of the header, which is not those of the body
	return d.bury(ctx, place.dead, md, append(h.Bytes(), d.body...), nil)
}

// latin1 is the CCSID of headers that are written here.
const latin1 = 819
