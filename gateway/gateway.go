// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lintel/adapters"
	"lintel/gateway/journal"
	"lintel/specs"
	"lintel/transforms"
)

// Defaults of Options.
const (
	defaultBodyLimit   = 1 << 20
	defaultTimeout     = 30 * time.Second
	defaultBodyTimeout = 10 * time.Second
	defaultConcurrency = 2048
	defaultURLLimit    = 8 << 10
	defaultHeaderLimit = 100
	defaultCacheCount  = 1000
	defaultCacheBytes  = 16 << 20
)

// What happens to an answer that breaks the contract: the values of Options.Responses.
const (
	// ResponsesEnforce answers 502 instead.
	ResponsesEnforce = "enforce"
	// ResponsesReport logs and counts it and passes the answer on.
	ResponsesReport = "report"
	// ResponsesOff passes the answer on.
	ResponsesOff = "off"
)

// Runner is one use of a transform: the request and then the reply of one exchange.
type Runner interface {
	// Request makes the host's message. Errors: *transforms.InvalidError when the input breaks the
	// contract, *transforms.FieldError when a value does not fit its field, any other is a fault.
	Request(in transforms.Input) (transforms.Message, error)
	// Reply reads the host's answer. A *transforms.FieldError or *transforms.InvalidError means that
	// the reply cannot be read.
	Reply(m transforms.Message) (transforms.Output, error)
	// Release ends the use; what Request and Reply returned is not valid after it.
	Release()
}

// Exchanger carries one message to a backend and back. An error is an *adapters.Error. It calls
// Call.Judge, if at all, before it returns and on the reply that it returns.
type Exchanger interface {
	// Exchange runs the call until it has a reply, fails, or ctx ends.
	Exchange(ctx context.Context, c adapters.Call) (adapters.Message, error)
}

// Route is how one operation of the contract is served.
type Route struct {
	Operation *specs.Operation
	// Start begins one use of the operation's transform.
	Start func() Runner
	// Backend carries the messages; BackendName is its name in logs and metrics.
	Backend     Exchanger
	BackendName string
	// Lane is the operation's way through the backend; nil for the one that all operations share.
	Lane *adapters.Lane
	// Safe operations change nothing at the host: one that got no reply may be sent again.
	Safe bool
	// Public operations can be called by everybody. Swap refuses all others for which the contract
	// asks for no security, and public ones for which it does.
	Public bool
	// Schemes verify the security schemes that the contract names for the operation. Swap refuses
	// an operation with one that is not here.
	Schemes map[string]*Scheme
	// Timeout bounds the exchange; 0 means the backend's own.
	Timeout time.Duration
	// Fallbacks are tried in order when the host of a safe operation gives no usable reply.
	Fallbacks []Fallback
	// Steps, if there are any, are the exchanges of an operation that has several, and Answer begins one
	// use of what it answers. Start, Backend, Lane and Timeout are then not used.
	Steps  []StepRoute
	Answer func() Answerer
	// AnswerNeeds are the steps that the answer names, by their number. AnswerCanFail tells that it can be that of a
	// failure although all steps went well.
	AnswerNeeds   []int
	AnswerCanFail bool
	// Critical operations are still served when others are refused, and may wait longer for a slot.
	Critical bool
	// Rates are the names of the policies of the Site that hold for the operation, in the order they are applied.
	Rates []string
	// Admission says what is known of the backend; the zero value lets every call through to it.
	Admission Admission
	// Keys says what an operation that is not Safe does with idempotency keys; KeysOff also for those that are.
	Keys Keys
	// Version names the workspace the route comes from, for the journal.
	Version string
	// Means are the ways to find out what became of an exchange in doubt.
	Means Means
	// Caching says who may keep answers of a safe operation; nil means nobody.
	Caching *Caching
}

// Site is everything that one Swap puts in place.
type Site struct {
	Routes []Route
	// Rates are the policies that routes name.
	Rates []RatePolicy
	// CORS is nil if no web page of another origin may call.
	CORS *CORS
	// Documents are served beside the operations.
	Documents []Document
}

// Options of a Gateway. The zero value is useful.
type Options struct {
	// BodyLimit is the largest request body in bytes; default 1 MiB.
	BodyLimit int64
	// Timeout bounds a whole call: an exchange gets at most what is left of it; default 30 s.
	Timeout time.Duration
	// BudgetHeader is the request header in which callers say how long they wait; "" for none. What it
	// says bounds the call if that is less than Timeout.
	BudgetHeader string
	// BodyTimeout bounds reading a request body; default 10 s.
	BodyTimeout time.Duration
	// Responses is ResponsesEnforce (default), ResponsesReport or ResponsesOff.
	Responses string
	// Log gets one line per call and one per fault; nil means none. Its handler must be done with
	// a record when Handle returns.
	Log *slog.Logger
	// LogWriter is what Log writes JSON lines to, if it does: the line of a call then goes straight to
	// it, and its count of dropped lines becomes a metric.
	LogWriter *LogWriter
	// Now is the clock; default time.Now.
	Now func() time.Time
	// Version is what /version and the build metric say; default "dev".
	Version string
	// Backends tells the states of the backends to the admin port; nil means there are none.
	Backends StateSource
	// Collectors add metrics of what runs beside the gateway.
	Collectors []prometheus.Collector
	// Concurrency is how many calls may run at once; default 2048.
	Concurrency int
	// URLLimit is the longest target of a request in bytes, default 8 KiB; HeaderLimit the most lines of
	// a head, default 100.
	URLLimit, HeaderLimit int
	// Proxies are the networks whose X-Forwarded-For is believed.
	Proxies []netip.Prefix
	// Counter counts calls for several gateways together; nil if this one counts its own.
	Counter RateCounter
	// HSTS is how long a browser shall use TLS only; 0 says nothing.
	HSTS time.Duration
	// Journal records the exchanges of operations with Keys; nil if there are none.
	Journal *journal.Journal
	// Audit records what operators do to exchanges in doubt; nil means that they cannot.
	Audit *Audit
	// Webhook is told of operations that ended; nil means nobody is.
	Webhook *Webhook
	// Compress is the size in bytes from which answers are compressed for callers who ask; 0 means never.
	Compress int64
	// CacheEntries and CacheBytes bound the answers that the gateway keeps; default 1,000 and 16 MiB.
	CacheEntries int
	CacheBytes   int64
	// LogSample is the percentage of calls with a status below 400 that are logged; 0 means all.
	LogSample int
	// Tracer keeps traces of calls; nil means that there are none.
	Tracer Tracer
	// ServerTiming tells callers where the time of their call went.
	ServerTiming bool
	// Admin says who may do what on the admin port.
	Admin AdminOptions
}

func (o *Options) defaults() error {
	switch o.Responses {
	case "":
		o.Responses = ResponsesEnforce
	case ResponsesEnforce, ResponsesReport, ResponsesOff:
	default:
		return fmt.Errorf("responses is %q, want enforce, report or off", o.Responses)
	}
	if o.BodyLimit < 0 || o.Timeout < 0 || o.BodyTimeout < 0 || o.Concurrency < 0 || o.URLLimit < 0 || o.HeaderLimit < 0 {
		return errors.New("limits and timeouts must not be negative")
	}
	o.limits()
	if o.BodyLimit == 0 {
		o.BodyLimit = defaultBodyLimit
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.BodyTimeout == 0 {
		o.BodyTimeout = defaultBodyTimeout
	}
	if o.CacheEntries <= 0 {
		o.CacheEntries = defaultCacheCount
	}
	if o.CacheBytes <= 0 {
		o.CacheBytes = defaultCacheBytes
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	return nil
}

func (o *Options) limits() {
	if o.Concurrency == 0 {
		o.Concurrency = defaultConcurrency
	}
	if o.URLLimit == 0 {
		o.URLLimit = defaultURLLimit
	}
	if o.HeaderLimit == 0 {
		o.HeaderLimit = defaultHeaderLimit
	}
}

// Gateway is the http.Handler of the data port.
type Gateway struct {
	options Options
	table   atomic.Pointer[table]
	calls   sync.Pool
	metrics *metrics
	swap    sync.Mutex
	store   *store
	// compressor is shared by all calls.
	compressor *compressor
	running    atomic.Pointer[running]
	started    time.Time
	draining   atomic.Bool
	inFlight   atomic.Int64
	// undoPatience is how long an answer waits for undos; tests have less.
	undoPatience time.Duration
	// all counts the calls of all operations.
	all bound
	// seed makes the hashes of callers ones that nobody can choose.
	seed maphash.Seed
	// hsts is the value of Strict-Transport-Security, nil if there is none.
	hsts []string
	// pseudonyms is the key of the names that stand for callers in the log.
	pseudonyms [sha256.BlockSize]byte
}

var _ http.Handler = (*Gateway)(nil)

// New makes a Gateway without routes: until the first Swap it answers 503.
func New(o Options) (*Gateway, error) {
	if err := o.defaults(); err != nil {
		return nil, err
	}
	g := &Gateway{
		options: o, started: o.Now(), store: newStore(o.CacheEntries, o.CacheBytes),
		undoPatience: undoPatience, seed: maphash.MakeSeed(), all: bound{max: int64(o.Concurrency)},
	}
	if o.HSTS > 0 {
		g.hsts = []string{"max-age=" + strconv.FormatInt(seconds(o.HSTS), 10)}
	}
	var err error
	if g.compressor, err = newCompressor(o.Compress); err != nil {
		return nil, err
	}
	_, _ = rand.Read(g.pseudonyms[:]) // never fails
	g.metrics = newMetrics(g)
	g.calls.New = func() any { return newCall(g) }
	return g, nil
}

// Swap is Put for routes alone.
func (g *Gateway) Swap(routes []Route) error { return g.Put(Site{Routes: routes}) }

// Put replaces everything that is served. Calls in flight end under the routes they began with. If it
// fails, what is in place stays; Refused counts that.
func (g *Gateway) Put(s Site) error {
	g.swap.Lock()
	defer g.swap.Unlock()
	t, err := newTable(s, g)
	if err != nil {
		return err
	}
	for name := range t.rates {
		g.metrics.rateRefused.WithLabelValues(name)
	}
	g.table.Store(t)
	g.metrics.reloads.WithLabelValues("ok").Inc()
	return nil
}

// Drain makes readiness false and asks every client, with its next answer, to close its
// connection. Calls are still served.
func (g *Gateway) Drain() { g.draining.Store(true) }

// Ready reports whether calls can be served: routes are in place and no Drain has begun.
func (g *Gateway) Ready() bool { return g.table.Load() != nil && !g.draining.Load() }

// InFlight returns the number of calls being served.
func (g *Gateway) InFlight() int { return int(g.inFlight.Load()) }

// ServeHTTP serves one call.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.inFlight.Add(1)
	defer g.inFlight.Add(-1)
	c, _ := g.calls.Get().(*call)
	c.begin(w, r)
	defer c.end()
	c.serve()
}
