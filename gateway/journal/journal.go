// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
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

	opening sync.Mutex // held while the store is opened

	mu     sync.Mutex
	store  Store
	reason error // why there is no store
	owed   map[ID]Change
	stats  Stats
	// trouble is why the last look at the store failed.
	trouble error

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
	j := &Journal{options: o, secrets: s, owed: map[ID]Change{}, stop: make(chan struct{}), reason: errNotOpen}
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

// Point marks a point in the life of an exchange, for tests.
func (j *Journal) Point(name string) {
	if j.options.Point != nil {
		j.options.Point(name)
	}
}

// Call is what an entry is made of.
type Call struct {
	// Tenant is who calls; Operation, Key and Step what for. These four are the identity of the entry.
	Tenant, Operation, Key, Step string
	// Parent is the entry of the call when this is a step of it.
	Parent      ID
	Backend     string
	Fingerprint Fingerprint
	Deadline    time.Time
	Version     string
	// Request is what the exchange can be made or asked for again from. It is kept, encrypted, while
	// the entry is open.
	Request []byte
	// Fenced lets the intent of a step be recorded only while that of its call is open: what others found in doubt
	// meanwhile, and may be taking back, goes on no further. It is ErrState then.
	Fenced bool
}

// Who is who began an exchange, and with which key.
type Who struct {
	Tenant string `json:"tenant"`
	Key    string `json:"key"`
}

// appendWho writes the Who of a call. Bytes that are no UTF-8 were replaced before a tenant or key is made of them.
func appendWho(b []byte, c *Call) []byte {
	b = append(b, `{"tenant":`...)
	b, _ = jsontext.AppendQuote(b, c.Tenant)
	b = append(b, `,"key":`...)
	b, _ = jsontext.AppendQuote(b, c.Key)
	return append(b, '}')
}

// Verdict is what the journal says to a call.
type Verdict uint8

const (
	// Unknown says that nothing is known of the call.
	Unknown Verdict = iota
	// Running says that the same call is under way.
	Running
	// Doubtful says that the same call was made, and what it did is not known.
	Doubtful
	// Finished says that the same call was made: Found.Reply is what was answered.
	Finished
	// Mismatch says that the key was used for another request.
	Mismatch
	// Expired says that the key is older than what the journal remembers.
	Expired
)

// String gives the word used as a metric label.
func (v Verdict) String() string {
	return [...]string{"new", "running", "in-doubt", "replayed", "mismatch", "expired"}[v]
}

// Found is what the journal knows of a call.
type Found struct {
	Verdict Verdict
	Entry   *Entry
	Reply   []byte
}

// ID derives the identity of a call.
func (j *Journal) ID(c *Call) ID {
	return j.secrets.identify(c.Tenant, c.Operation, c.Key, c.Step)
}

// Step returns the call of a step of c, whose entry is below that of c.
func (j *Journal) Step(c *Call, name, backend string) *Call {
	step := *c
	step.Step, step.Parent, step.Backend, step.Request = name, j.ID(c), backend, nil
	return &step
}

// Lookup says what is known of a call. It records nothing, and takes Patience at most.
func (j *Journal) Lookup(ctx context.Context, c *Call) (Found, error) {
	store, err := j.await(ctx)
	if err != nil {
		return Found{}, err
	}
	id := j.ID(c)
	e, err := store.Get(ctx, id)
	if err != nil {
		return Found{}, unavailable(err)
	}
	return j.judge(c, id, e)
}

// judge compares a call with the entry of its identity.
func (j *Journal) judge(c *Call, id ID, e *Entry) (Found, error) {
	if e == nil || e.State == Released {
		if t, ok := KeyTime(c.Key); ok && t.Before(j.options.Now().Add(-j.options.Retention)) {
			return Found{Verdict: Expired}, nil
		}
		return Found{Verdict: Unknown}, nil
	}
	f := Found{Entry: e}
	switch {
	case e.Fingerprint != c.Fingerprint:
		f.Verdict = Mismatch
	case e.State == Intent:
		f.Verdict = Running
	case e.State == InDoubt:
		f.Verdict = Doubtful
	default:
		f.Verdict = Finished
		var err error
		if f.Reply, err = j.secrets.open(id, sealReply, e.Reply); err != nil {
			return Found{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
	return f, nil
}

// Begin records the intent of a call: once it returns Unknown, and only then, the request may be sent. It
// returns what else is known of the call otherwise.
func (j *Journal) Begin(ctx context.Context, c *Call) (Found, error) {
	store, err := j.await(ctx)
	if err != nil {
		return Found{}, err
	}
	id := j.ID(c)
	now := j.options.Now()
	e := &Entry{
		ID: id, Parent: c.Parent, Step: c.Step, Operation: c.Operation, Backend: c.Backend, State: Intent,
		Begun: now, Changed: now, Deadline: c.Deadline, Fingerprint: c.Fingerprint, Version: c.Version,
		Owner: j.options.Owner, Fenced: c.Fenced,
		Who: j.secrets.seal(id, sealWho, appendWho(nil, c)), Request: j.secrets.seal(id, sealRequest, c.Request),
	}
	if t, ok := KeyTime(c.Key); ok && t.Before(now.Add(-j.options.Retention)) {
		return Found{Verdict: Expired}, nil
	}
	j.Point("before-intent")
	there, err := store.Insert(ctx, e)
	if err != nil {
		return Found{}, unavailable(err)
	}
	if there != nil {
		return j.judge(c, id, there)
	}
	j.Point("after-intent")
	return Found{Verdict: Unknown, Entry: e}, nil
}

// End is what became of an exchange.
type End struct {
	To    State
	Proof string
	// Reply is what is said to the caller, now and whenever it asks again.
	Reply []byte
	// Contested keeps an entry in doubt until a person decides.
	Contested bool
	// Tell says that somebody is to be told: the entry can be claimed until it is Told.
	Tell bool
	// Unless, if set, is a proof that forbids the change: it is ErrState then.
	Unless string
}

// Finish records what became of an exchange. If that cannot be done now the error is ErrUnavailable,
// and it is tried again until it is. ErrState says that something else was known before.
func (j *Journal) Finish(ctx context.Context, id ID, end End) error {
	c := Change{ID: id, To: end.To, At: j.options.Now(), Proof: end.Proof, Contested: end.Contested, Tell: end.Tell, Unless: end.Unless, Reply: j.secrets.seal(id, sealReply, end.Reply)}
	store, err := j.use()
	if err == nil {
		j.Point("before-" + end.To.String())
		err = move(ctx, store, c)
		if err == nil {
			j.Point("after-" + end.To.String())
			return nil
		}
	}
	if errors.Is(err, ErrState) || errors.Is(err, ErrNoEntry) {
		return err
	}
	j.owe(c)
	return unavailable(err)
}

// move makes a change, after one of the same entry that is on its way.
func move(ctx context.Context, store Store, c Change) error {
	for {
		err := store.Move(ctx, c)
		if !errors.Is(err, ErrBusy) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(busyPace):
		}
	}
}

// busyPace is how often a change is tried while another is on its way.
const busyPace = time.Millisecond

// maxOwed bounds the changes that wait for a store that can record them.
const maxOwed = 10_000

func (j *Journal) owe(c Change) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, there := j.owed[c.ID]; !there && len(j.owed) >= maxOwed {
		j.options.Log.Error("journal: too many changes wait to be recorded; the operation will be in doubt after a restart", "operation", c.ID.String())
		return
	}
	j.owed[c.ID] = c
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
	for _, known := range []error{ErrUnavailable, ErrState, ErrNoEntry} {
		if errors.Is(err, known) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
