// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"strings"
	"time"

	"lintel/adapters"
	"lintel/gateway/journal/journaltest"
	"lintel/transforms"
)

// simBooks are the books of the host: what it did, by exchange id.
type simBooks struct {
	applied map[string]int // payments
	orders  map[string]*simOrder
	// jumped, if set, is called when the clock is set forward.
	jumped func()
}

// simOrder is an operation of two steps at the host: an order or a trade.
type simOrder struct {
	debits, backs          int
	announced, revoked     bool
	announcements, revokes int
}

// kept tells what of an order stands.
func (o *simOrder) kept() (debit, announcement bool) {
	return o.debits > 0 && o.backs == 0, o.announced && !o.revoked
}

// order returns the books of an order. s.mu is held.
func (b *simBooks) order(id string) *simOrder {
	if b.orders[id] == nil {
		b.orders[id] = &simOrder{}
	}
	return b.orders[id]
}

// now is the clock: what it says of the day can be set, the time that passes cannot.
func (s *simulation) now() time.Time { return journaltest.WallAndMono(s.clock.Load()) }

// set moves the clock to a place.
func (s *simulation) set(seconds int64) {
	before := s.clock.Swap(seconds)
	s.mu.Lock()
	jumped := s.jumped
	s.mu.Unlock()
	if jumped != nil && seconds > before+60 {
		jumped()
	}
}

var errSimDisk = errors.New("input/output error")

// diskFault lets some uses of the disk fail.
func (s *simulation) diskFault(string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faulty > 0 && s.life > 0 && !s.calm && s.dice.IntN(100) < s.faulty {
		return errSimDisk
	}
	return nil
}

// simHost is the host as one process sees it: a process that is dead sends nothing any more.
type simHost struct {
	s    *simulation
	life int
}

func (h simHost) alive() bool {
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	return h.s.life == h.life
}

// apply does the work of a message: "ID" is a payment, "VERB ID" a step of an order or its undo.
func (h simHost) apply(message string) string {
	s := h.s
	s.mu.Lock()
	defer s.mu.Unlock()
	verb, id, ok := strings.Cut(message, " ")
	if !ok {
		s.applied[message]++
		return "done " + message
	}
	switch o := s.order(id); verb {
	case "debit":
		o.debits++
	case "undo-debit":
		o.backs++
	case "announce":
		o.announcements++
		o.announced = !o.revoked // what was revoked before it came is never announced
	case "undo-announce":
		o.revokes++
		o.revoked = true
	}
	return "done " + message
}

// Exchange implements adapters.Adapter.
func (h simHost) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	reply, err := h.once(ctx, m)
	if h.s.bug == resends && err != nil && err.(*adapters.Error).Fate == adapters.InDoubt { //nolint:errorlint // made here
		return h.once(ctx, m)
	}
	return reply, err
}

func (h simHost) once(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	s, id := h.s, string(m.Body)
	if !h.alive() {
		return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable}
	}
	fault := s.roll(24)
	if s.calm {
		fault = 23
	}
	lost := &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Broken}
	switch fault {
	case 0, 1: // refused connection
		return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable}
	case 2, 3: // lost before it was done
		return adapters.Message{}, lost
	case 4, 5: // done, and the reply lost
		reply := h.apply(id)
		s.mu.Lock()
		s.stale = reply
		s.mu.Unlock()
		return adapters.Message{}, lost
	case 6, 7: // done when nobody waits any more
		time.AfterFunc(time.Duration(s.roll(3000))*time.Millisecond, func() { h.apply(id) })
		<-ctx.Done()
		return adapters.Message{}, &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout}
	case 8, 9:
		return adapters.Message{Body: []byte("refused " + id)}, nil
	case 10, 11, 12: // done, and the process stands still before it takes the reply
		if !s.long {
			break
		}
		reply := h.apply(id)
		time.Sleep(time.Duration(8000+s.roll(8000)) * time.Millisecond)
		return adapters.Message{Body: []byte(reply)}, nil
	}
	time.Sleep(time.Duration(s.roll(200)) * time.Millisecond)
	if !h.alive() && s.roll(2) == 0 {
		return adapters.Message{}, lost
	}
	reply := h.apply(id)
	s.mu.Lock()
	if s.bug == dirtyReply && s.stale != "" {
		reply, s.stale = s.stale, reply
	}
	s.mu.Unlock()
	return adapters.Message{Body: []byte(reply)}, nil
}

// pay is an operation of one exchange, of which the host can be asked after some time.
func (h simHost) pay(guard Exchanger, after time.Duration) Route {
	return routeOf("POST", "/pay", func(r *Route) {
		r.Keys, r.Backend, r.Timeout = KeysRequired, guard, time.Second
		r.Start = func() Runner { return &payRunner{} }
		r.Means.Inquiry = ask(nil, func(id string) (string, error) {
			if !h.alive() {
				return "", &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable}
			}
			h.s.mu.Lock()
			defer h.s.mu.Unlock()
			if h.s.applied[id] > 0 {
				return "done " + id, nil
			}
			return "refused", nil
		})
		r.Means.Inquiry.After = after
	})
}

// order is an operation of two steps. The first can be taken back when it was done, and the host can be asked about it;
// the second can be taken back also when nobody knows.
func (h simHost) order(guard Exchanger) Route {
	debit, announce := h.debit(guard), h.part(guard, "announce")
	undoAnnounce := h.part(guard, "undo-announce")
	announce.Undo, announce.Group, announce.UndoInDoubt = &undoAnnounce, 1, true
	return routeOf("POST", "/order", func(r *Route) {
		r.Keys, r.Timeout = KeysRequired, time.Second
		r.Steps, r.Answer = []StepRoute{debit, announce}, func() Answerer { return &simAnswer{} }
	})
}

// trade is an operation of two steps. The host can be asked about both, and nothing takes back the second.
func (h simHost) trade(guard Exchanger) Route {
	debit, announce := h.debit(guard), h.part(guard, "announce")
	announce.Group, announce.Told = 1, true
	announce.Inquiry = h.inquiry(func(o *simOrder) bool { return o.announcements > 0 })
	return routeOf("POST", "/trade", func(r *Route) {
		r.Keys, r.Timeout, r.AnswerNeeds = KeysRequired, time.Second, []int{0, 1}
		r.Steps, r.Answer = []StepRoute{debit, announce}, func() Answerer { return &simAnswer{} }
	})
}

// debit is a step of which the host can be asked, and that can be taken back when it was done.
func (h simHost) debit(guard Exchanger) StepRoute {
	debit, undo := h.part(guard, "debit"), h.part(guard, "undo-debit")
	debit.Undo = &undo
	debit.Inquiry = h.inquiry(func(o *simOrder) bool { return o.debits > 0 })
	return debit
}

// inquiry asks the books whether a step was done. The host does not always tell.
func (h simHost) inquiry(done func(*simOrder) bool) *Ask {
	return &Ask{
		Every: time.Second, After: h.s.bug.after(simAfter),
		Start: func() Runner {
			return fakeRunner{
				request: func(in transforms.Input) (transforms.Message, error) {
					return transforms.Message{Body: []byte(in.ExchangeID)}, nil
				},
				reply: func(m transforms.Message) (transforms.Output, error) { return replied(string(m.Body)) },
			}
		},
		Backend: exchange(func(_ context.Context, c adapters.Call) (adapters.Message, error) {
			fault := h.s.roll(6)
			if h.s.calm {
				fault = 5
			}
			if fault == 0 || !h.alive() {
				return adapters.Message{}, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable}
			}
			h.s.mu.Lock()
			word := map[bool]string{true: "done", false: "refused"}[done(h.s.order(string(c.Message.Body)))]
			h.s.mu.Unlock()
			if fault == 1 {
				word = "unknown"
			}
			m := adapters.Message{Body: []byte(word)}
			c.Judge(m)
			return m, nil
		}),
	}
}

// part is a step of an order or its undo.
func (h simHost) part(guard Exchanger, name string) StepRoute {
	return StepRoute{
		Name: name, Timeout: time.Second, Backend: guard, BackendName: "core",
		Start: func() Runner {
			return fakeRunner{
				request: func(in transforms.Input) (transforms.Message, error) {
					return transforms.Message{Body: []byte(name + " " + in.ExchangeID)}, nil
				},
				reply: func(m transforms.Message) (transforms.Output, error) {
					word, rest, _ := strings.Cut(string(m.Body), " ")
					if !strings.HasPrefix(rest, name+" ") {
						return transforms.Output{}, &transforms.FieldError{Field: "X", Reason: "of another exchange"}
					}
					return replied(word)
				},
			}
		},
	}
}

// simAnswer names the order.
type simAnswer struct{ id string }

func (a *simAnswer) Admit(in transforms.Input) error { a.id = in.ExchangeID; return nil }
func (a *simAnswer) Release()                        {}

func (a *simAnswer) Finish([]transforms.StepResult) (transforms.Output, error) {
	return transforms.Output{Status: 201, Outcome: "ok", Body: []byte(`{"reply":"done ` + a.id + `"}`)}, nil
}
