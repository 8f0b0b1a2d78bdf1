// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"lintel/adapters"
	"lintel/adapters/amqp"
	"lintel/specs"
	"lintel/transforms"
)

// replayCommand is lintel replay.
type replayCommand struct {
	p         *program
	tape, key string
	compare   string
	rate      int
	unsafe    bool
	// hosts plays them.
	hosts simulateCommand
}

func newReplay(p *program) *cobra.Command {
	c := &replayCommand{p: p, hosts: simulateCommand{p: p}}
	cmd := &cobra.Command{
		Use:   "replay FILE [DIR]",
		Short: "Play a recording: as the hosts, or against a workspace or a host to compare",
		Long: `Replay plays what lintel record has kept.

Without --compare it plays the hosts of the workspace, as lintel simulate does: a message gets the reply
that was recorded for it, and the next one if it comes again. Other messages are answered as by simulate.

With --compare workspace every recorded request is made again by the workspace DIR, and every recorded
reply is read by it: what the host would get and what the app would get are compared with what was
recorded. With --compare host every recorded message is sent to the hosts of DIR, --rate of them in a
second, and the replies are compared. Operations that change something are sent with --unsafe only, and
exchanges whose request was masked never: the host would be asked for something else.

Differences are told by JSON pointer, with field and offset. Exit code 0: none; 1: differences;
3: the recording cannot be read; 4: a host cannot be reached; 130: interrupted.`,
		Example: `  lintel replay monday.tape --key file:tape.key examples/bank
  lintel replay monday.tape --key file:tape.key --compare workspace --output json new-bank
  CORE_ADDRESS=test-host:9301 lintel replay monday.tape --key file:tape.key --compare host --rate 20 examples/bank`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 2 {
				dir = args[1]
			}
			c.tape = args[0]
			return c.run(cmd.Context(), dir)
		},
	}
	cmd.Flags().StringVar(&c.key, "key", "", "where the key is: file:PATH or env:NAME")
	cmd.Flags().StringVar(&c.compare, "compare", "", "compare with a workspace or a host: workspace or host")
	cmd.Flags().IntVar(&c.rate, "rate", 10, "most messages in a second to hosts, and to the queues of listeners")
	cmd.Flags().BoolVar(&c.unsafe, "unsafe", false, "send operations that change something too")
	c.hosts.addListen(cmd)
	c.hosts.flags.add(cmd)
	return cmd
}

func (c *replayCommand) run(ctx context.Context, dir string) error {
	switch {
	case c.key == "":
		return usageError("replay needs --key file:PATH or env:NAME")
	case !slices.Contains([]string{"", "workspace", "host"}, c.compare):
		return usageError("--compare must be workspace or host, not %s", c.compare)
	case c.rate < 1 || c.rate > 10_000:
		return usageError("--rate must be from 1 to 10000, not %d", c.rate)
	}
	key, err := tapeKey(c.key, c.p.env)
	if err != nil {
		return err
	}
	compiled, _, err := c.p.ready(dir)
	if err != nil {
		return err
	}
	if c.compare == "" {
		return c.play(ctx, compiled, key)
	}
	s := &shadow{plan: compiled, ops: exchangesByName(compiled), report: &shadowReport{FormatVersion: "1.0", Recording: c.tape, Against: c.compare}}
	each := s.workspace
	if c.compare == "host" {
		defer s.close()
		each = func(x *taped, op *operation, y *shadowed) error { return s.host(ctx, x, op, y, c) }
	}
	err = readTape(c.tape, key, func(n int, x *taped) error { return s.exchange(ctx, n, x, each) })
	s.rest()
	if errors.Is(err, errTapeOpen) {
		_, _ = fmt.Fprintf(c.p.stderr, "lintel: %v\n", err)
		err = nil
	}
	if ctx.Err() != nil {
		return &exitError{code: exitInterrupted, err: errors.New("interrupted")}
	}
	var e *exitError
	if err != nil && !errors.As(err, &e) {
		err = &exitError{code: exitLoad, err: err}
	}
	if err != nil {
		return err
	}
	return s.report.print(c.p)
}

// exchangesByName are the exchanges of a workspace by operation and part.
func exchangesByName(p *plan) map[string]*operation {
	out := map[string]*operation{}
	for _, op := range p.exchanges() {
		out[tapeName(op.spec.ID, partName(op))] = op
	}
	return out
}

func tapeName(operation, part string) string {
	if part == "" {
		return operation
	}
	return operation + " " + part
}

// play plays the hosts.
func (c *replayCommand) play(ctx context.Context, compiled *plan, key []byte) error {
	played := &tapedReplies{ops: exchangesByName(compiled), flows: map[*operation]transforms.Flow{}, replies: map[string][]*taped{}}
	n := 0
	err := readTape(c.tape, key, func(_ int, x *taped) error {
		if x.Request != nil {
			n++
		}
		return played.add(x)
	})
	if err != nil && !errors.Is(err, errTapeOpen) {
		return &exitError{code: exitLoad, err: err}
	}
	if err != nil {
		_, _ = fmt.Fprintf(c.p.stderr, "lintel: %v\n", err)
	}
	_, _ = fmt.Fprintf(c.p.stderr, "playing %s of %s\n", count(n, "exchange"), c.tape)
	put := func(sims *simulation) func() {
		var done sync.WaitGroup
		ctx, cancel := context.WithCancel(ctx)
		done.Go(func() {
			if err := played.put(ctx, sims, compiled, c.rate); err != nil && ctx.Err() == nil {
				sims.tell(err.Error())
			}
		})
		return func() {
			cancel()
			done.Wait()
		}
	}
	return c.hosts.serve(ctx, compiled, put, func(a *answers) { a.taped = played })
}

// tapedReplies finds recorded replies.
type tapedReplies struct {
	ops   map[string]*operation
	mu    sync.Mutex
	flows map[*operation]transforms.Flow
	// replies are the exchanges by what was asked, in their order.
	replies map[string][]*taped
	// heard are the messages of listeners, in their order.
	heard []*taped
	// size is how many bytes of messages there are.
	size int
}

// maxPlayed bounds what a recording that is played may hold, in bytes of messages.
const maxPlayed = 1 << 30

func (t *tapedReplies) add(x *taped) error {
	if x.Listener != "" {
		return t.hear(x)
	}
	op := t.ops[tapeName(x.Operation, x.Part)]
	if op == nil || x.Request == nil {
		return nil // the workspace does not have it any more, or it is a call with no messages of its own
	}
	k, err := t.question(op, x.Request.message())
	if err != nil {
		return nil //nolint:nilerr // it is no message of this workspace: nobody will ask
	}
	t.replies[k] = append(t.replies[k], x)
	return t.grow(x)
}

// grow counts the bytes of the messages.
func (t *tapedReplies) grow(x *taped) error {
	if t.size += len(x.Request.Bytes); x.Reply != nil {
		t.size += len(x.Reply.Bytes)
	}
	if t.size > maxPlayed {
		return fmt.Errorf("the recording has more than %d bytes of messages, which is the most that can be played", maxPlayed)
	}
	return nil
}

// hear takes a message of a listener.
func (t *tapedReplies) hear(x *taped) error {
	t.heard = append(t.heard, x)
	return t.grow(x)
}

// put puts the messages of listeners into the queues of the simulation, in their order, so many in a second.
func (t *tapedReplies) put(ctx context.Context, sims *simulation, compiled *plan, rate int) error {
	senders := map[string]*amqp.Adapter{}
	defer func() {
		for _, a := range senders {
			_ = a.Close()
		}
	}()
	n := 0
	for _, x := range t.heard {
		i := slices.IndexFunc(compiled.listeners, func(l *listening) bool { return l.config.Name == x.Listener })
		b := sims.queues[x.Listener]
		if i < 0 || b == nil || compiled.listeners[i].config.Simulated == "mq" || !sleep(ctx, time.Second/time.Duration(rate)) {
			continue
		}
		a := senders[x.Listener]
		if a == nil {
			var err error
			if a, err = amqp.New(amqp.Options{Address: b.Address(), Target: queueOf(compiled.listeners[i].config), Datagram: true}); err != nil {
				return err
			}
			senders[x.Listener] = a
		}
		m := x.Request.message()
		maps.DeleteFunc(m.Properties, func(name string, _ any) bool { // what the broker adds is not the sender's, and its time is over
			p, known := specs.FindProperty("amqp", name)
			return !known || !p.Request && name != "messageId" || name == "ttl"
		})
		if _, err := a.Exchange(ctx, adapters.Message(m)); err != nil {
			return fmt.Errorf("message of listener %s: %w", x.Listener, err)
		}
		n++
	}
	if len(t.heard) > 0 && ctx.Err() == nil {
		sims.tell(fmt.Sprintf("put %s of listeners into their queues", count(n, "message")))
	}
	return nil
}

// question is what a message asks: its fields without those that Lintel itself fills, and masked as recorded ones are.
func (t *tapedReplies) question(op *operation, m transforms.Message) (string, error) {
	flow, known := t.flows[op]
	if !known {
		flow = op.transform.Flow()
		t.flows[op] = flow
	}
	masked, err := maskedMessage(op.transform.Request, m, sensitiveExchange(op))
	if err != nil {
		return "", err
	}
	text, err := decodeMessage(op.transform.Request, masked.Bytes)
	if err != nil {
		return "", err
	}
	if text, err = transforms.MaskAt(text, flow.Own); err != nil {
		return "", err
	}
	return tapeName(op.spec.ID, partName(op)) + "\n" + string(text), nil
}

// find gives the next recorded reply for a message; nil if there is none.
func (t *tapedReplies) find(backend []*operation, m transforms.Message) (*operation, *taped) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, op := range backend {
		if belongs(op, m.Body) == nil {
			continue
		}
		k, err := t.question(op, m)
		if err != nil {
			continue
		}
		if list := t.replies[k]; len(list) > 0 {
			if len(list) > 1 { // the last one stays
				t.replies[k] = list[1:]
			}
			return op, list[0]
		}
	}
	return nil, nil
}

// react is the recorded reaction to a message; false if there is none.
func (t *tapedReplies) react(backend []*operation, m transforms.Message) (reaction, bool) {
	op, x := t.find(backend, m)
	if x == nil {
		return reaction{}, false
	}
	out := reaction{how: answered{op.name(), fmt.Sprintf("recorded at %s", x.Time.UTC().Format(time.RFC3339))}}
	if x.Reply == nil {
		out.act = "disconnect"
		return out, true
	}
	out.reply = x.Reply.message()
	return out, true
}
