// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultRetention is how long final entries are kept.
const DefaultRetention = 7 * 24 * time.Hour

// skew is how far the clocks of callers may be off: final entries are kept so much longer than keys
// with a time in them are taken.
const skew = time.Hour

// Options of a Journal.
type Options struct {
	// Open opens the store. It is called again as long as it fails; until then nothing can be recorded.
	Open func(ctx context.Context) (Store, error)
	// Secret is what identities, and without Encryption the encryption, rest on, at least MinSecret bytes.
	// All replicas have the same, and it must not change while entries are kept.
	Secret []byte
	// Encryption, if set, is what is encrypted with in place of Secret; Decryption what was before. Entries
	// that were written under Secret can be read as well. Both may change from start to start: identities
	// and fingerprints rest on Secret alone.
	Encryption []byte
	Decryption [][]byte
	// Retention is how long final entries are kept; default DefaultRetention.
	Retention time.Duration
	// Owner names this process. No other that lives has this name; the one after a restart should have it, so that
	// what was under way is in doubt at once.
	Owner string
	// Anchor is a file beside the store that remembers its epoch, so that a lost store is noticed;
	// empty means that it is not.
	Anchor string
	// Accept asks for the word of a person (AcceptLoss) before an empty store is taken that has no Anchor.
	Accept bool
	// Now is the clock; default time.Now.
	Now func() time.Time
	// Every is the pace of upkeep; default 1 s.
	Every time.Duration
	// Log is told what operators must know; nil means none.
	Log *slog.Logger
	// Point, if set, is called at the named points of an exchange. Tests let the process die there.
	Point func(name string)
}

// Journal records unsafe exchanges in a Store. It is safe for concurrent use.
type Journal struct {
	options Options
	secrets *secrets

	opening  sync.Mutex // held while the store is opened
	accepted bool       // a person has said that an empty store is right; guarded by opening

	mu     sync.Mutex
	store  Store
	reason error // why there is no store
	owed   map[ID]*Change
	begun  map[ID]time.Time // of intents that this process has not ended
	stock  Stock
	// trouble is why the last look at the store failed.
	trouble error
	// ill is why nothing could be recorded in the last round of upkeep, which alone uses it.
	ill error

	// started is when it was made; ahead by how many nanoseconds the clock of the store is ahead of that of this machine.
	started time.Time
	ahead   atomic.Int64

	stop    chan struct{}
	stopped sync.WaitGroup
}

// New makes a Journal and opens its store. A store that cannot be opened is no error: it is tried
// again, and Available says why it is closed.
func New(ctx context.Context, o Options) (*Journal, error) {
	s, err := newSecrets(o.Secret, o.Encryption, o.Decryption)
	if err != nil {
		return nil, err
	}
	if o.Open == nil || o.Retention < 0 {
		return nil, errors.New("journal: no store, or a negative retention")
	}
	if o.Retention == 0 {
		o.Retention = DefaultRetention
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Every <= 0 {
		o.Every = time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	j := &Journal{options: o, secrets: s, owed: map[ID]*Change{}, begun: map[ID]time.Time{}, stop: make(chan struct{}), reason: errNotOpen, started: o.Now()}
	j.open(ctx)
	j.stopped.Add(1)
	go j.upkeep()
	return j, nil
}

var errNotOpen = errors.New("the store is not open yet")

// Close ends upkeep and closes the store.
func (j *Journal) Close() error {
	close(j.stop)
	j.stopped.Wait()
	j.mu.Lock()
	defer j.mu.Unlock()
	store := j.store
	j.store, j.reason = nil, errors.New("the journal is closed")
	if store == nil {
		return nil
	}
	return store.Close()
}

// use returns the store, or why there is none.
func (j *Journal) use() (Store, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.store == nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, j.reason)
	}
	return j.store, nil
}

// await is use, but waits for a store that another process still has: at a handover it is about to
// give it up.
func (j *Journal) await(ctx context.Context) (Store, error) {
	store, err := j.use()
	if err == nil || !errors.Is(err, ErrHeld) {
		return store, err
	}
	tick := time.NewTicker(heldPace)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	for {
		select {
		case <-ctx.Done():
			return nil, err
		case <-j.stop:
			return nil, err
		case <-tick.C:
		}
		if store, err = j.use(); err == nil || !errors.Is(err, ErrHeld) {
			return store, err
		}
	}
}

// Patience is how long one use of a store may take.
const Patience = 5 * time.Second

// heldPace is how often a store that another process has is tried.
const heldPace = 50 * time.Millisecond

func (j *Journal) pointAt(when string, s State) {
	if j.options.Point != nil {
		j.options.Point(when + s.String())
	}
}

// Point marks a point in the life of an exchange, for tests.
func (j *Journal) Point(name string) {
	if j.options.Point != nil {
		j.options.Point(name)
	}
}

// Get returns an entry, or nil.
func (j *Journal) Get(ctx context.Context, id ID) (*Entry, error) {
	store, err := j.use()
	if err != nil {
		return nil, err
	}
	e, err := store.Get(ctx, id)
	if err != nil {
		return nil, unavailable(err)
	}
	return e, nil
}

// List returns entries, the oldest first.
func (j *Journal) List(ctx context.Context, f Filter) ([]Entry, error) {
	store, err := j.use()
	if err != nil {
		return nil, err
	}
	list, err := store.List(ctx, f)
	if err != nil {
		return nil, unavailable(err)
	}
	return list, nil
}

// Claim returns entries that somebody is to be told of, and that nobody else tells of at the moment.
func (j *Journal) Claim(ctx context.Context, c Claim) ([]Entry, error) {
	store, err := j.use()
	if err != nil {
		return nil, err
	}
	c.Now = j.options.Now()
	list, err := store.Claim(ctx, c)
	if err != nil {
		return nil, unavailable(err)
	}
	return list, nil
}

// Told records that who was to be told of an entry knows.
func (j *Journal) Told(ctx context.Context, id ID) error {
	store, err := j.use()
	if err == nil {
		err = store.Told(ctx, id)
	}
	if err != nil {
		return unavailable(err)
	}
	return nil
}

// WhoBegan decrypts who began an exchange.
func (j *Journal) WhoBegan(e *Entry) (Who, error) {
	var w Who
	text, err := j.secrets.open(e.ID, sealWho, e.Who)
	if err != nil {
		return w, err
	}
	if err := json.Unmarshal(text, &w); err != nil {
		return w, errSeal
	}
	return w, nil
}

// RequestOf decrypts what an open exchange was made of.
func (j *Journal) RequestOf(e *Entry) ([]byte, error) {
	return j.secrets.open(e.ID, sealRequest, e.Request)
}

// ReplyOf decrypts what was said to the caller.
func (j *Journal) ReplyOf(e *Entry) ([]byte, error) { return j.secrets.open(e.ID, sealReply, e.Reply) }

// unavailable makes an error of a store one of this package.
func unavailable(err error) error {
	for _, known := range []error{ErrUnavailable, ErrState, ErrNoEntry, ErrTooLarge} {
		if errors.Is(err, known) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
