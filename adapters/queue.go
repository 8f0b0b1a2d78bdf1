// SPDX-License-Identifier: Apache-2.0

package adapters

import (
	"container/list"
	"time"
)

// waiter is a call that waits for a slot. got or err is filled before ready is closed.
type waiter struct {
	client   string
	lane     *Lane
	deadline time.Time
	ready    chan struct{}
	got      ticket
	err      *Error

	row   *row
	line  *line
	place *list.Element
}

// queue holds the calls that wait for a slot. Those of high priority come first; then lanes take
// turns, and within a lane its clients: nobody waits longer because others ask for more.
type queue struct {
	length int
	// classes hold *row: the lanes in which somebody waits, the next one in front; high before normal.
	classes [2]list.List
	rows    map[*Lane]*row
}

// row is the part of a queue in one lane.
type row struct {
	lane   *Lane
	length int
	place  *list.Element
	// lines holds *line, the next client in front.
	lines list.List
	by    map[string]*line
}

// line is the part of a row of one client, first come, first served.
type line struct {
	client  string
	waiters list.List
	place   *list.Element
}

func (q *queue) class(l *Lane) *list.List {
	if l.opts.High {
		return &q.classes[0]
	}
	return &q.classes[1]
}

// push puts a waiter at the end of its line.
func (q *queue) push(w *waiter) {
	if q.rows == nil {
		q.rows = map[*Lane]*row{}
	}
	r := q.rows[w.lane]
	if r == nil {
		r = &row{lane: w.lane, by: map[string]*line{}}
		r.place = q.class(w.lane).PushBack(r)
		q.rows[w.lane] = r
	}
	l := r.by[w.client]
	if l == nil {
		l = &line{client: w.client}
		l.place = r.lines.PushBack(l)
		r.by[w.client] = l
	}
	w.row, w.line, w.place = r, l, l.waiters.PushBack(w)
	r.length++
	q.length++
}

// remove takes a waiter out, wherever it stands.
func (q *queue) remove(w *waiter) {
	w.line.waiters.Remove(w.place)
	q.length--
	w.row.length--
	if w.line.waiters.Len() == 0 {
		w.row.lines.Remove(w.line.place)
		delete(w.row.by, w.line.client)
	}
	if w.row.length == 0 {
		q.class(w.lane).Remove(w.row.place)
		delete(q.rows, w.lane)
	}
}

// next is the waiter whose turn it is, or nil. If all is false, lanes that are full are passed over.
func (q *queue) next(all bool) *waiter {
	for i := range q.classes {
		for e := q.classes[i].Front(); e != nil; e = e.Next() {
			if r := e.Value.(*row); all || !r.lane.full() {
				return r.lines.Front().Value.(*line).waiters.Front().Value.(*waiter)
			}
		}
	}
	return nil
}

// take removes the waiter whose turn it was, after which its client and its lane are the last in turn.
func (q *queue) take(w *waiter) {
	r, l := w.row, w.line
	q.remove(w)
	if l.waiters.Len() > 0 {
		r.lines.MoveToBack(l.place)
	}
	if r.length > 0 {
		q.class(r.lane).MoveToBack(r.place)
	}
}

// rival is the waiter that has to make room for one more call of a client when the queue is full, or
// nil if the call itself has no better claim: somebody of lower priority, else the last in the longest
// row, or of its own row the longest line, if that is longer than the call's own would become.
func (q *queue) rival(lane *Lane, client string) *waiter {
	if lane.opts.High && q.classes[1].Len() > 0 {
		return longestRow(&q.classes[1]).last()
	}
	own, ownLine := 0, 0
	if r := q.rows[lane]; r != nil {
		own = r.length
		if l := r.by[client]; l != nil {
			ownLine = l.waiters.Len()
		}
	}
	longest := longestRow(q.class(lane))
	switch {
	case longest == nil:
		return nil
	case longest.length > own+1:
		return longest.last()
	case own == 0 || ownLine*q.rows[lane].lines.Len() >= own: // it has its share already
		return nil
	}
	if w := q.rows[lane].last(); w.line.waiters.Len() > ownLine+1 {
		return w
	}
	return nil
}

func longestRow(class *list.List) *row {
	var best *row
	for e := class.Front(); e != nil; e = e.Next() {
		if r := e.Value.(*row); best == nil || r.length >= best.length {
			best = r
		}
	}
	return best
}

// last is the newest waiter of the longest line; of lines as long, of the one whose turn is last.
func (r *row) last() *waiter {
	var best *line
	for e := r.lines.Front(); e != nil; e = e.Next() {
		if l := e.Value.(*line); best == nil || l.waiters.Len() >= best.waiters.Len() {
			best = l
		}
	}
	return best.waiters.Back().Value.(*waiter)
}
