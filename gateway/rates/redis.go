// SPDX-License-Identifier: Apache-2.0

package rates

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"lintel/gateway"
)

const (
	// patience is how long a call waits for the counter, but in tests.
	patience = 50 * time.Millisecond
	// pause is how long the counter is not asked after it did not answer.
	pause = time.Second
)

// Redis counts in a Redis server.
type Redis struct {
	client *redis.Client
	take   *redis.Script
	// patience is how long a call waits.
	patience time.Duration
	// silentUntil is when to ask again, in ns after begun: no clock that is set moves it.
	begun       time.Time
	silentUntil atomic.Int64
}

var _ gateway.RateCounter = (*Redis)(nil)

// takeScript is the generic cell rate algorithm in one step on the server, by the clock of the server:
// KEYS[1] holds the time in microseconds at which the bucket will be full; ARGV are the time of one call
// and that of the whole bucket. It answers whether the call is allowed, and the time until the bucket is full
// or, if it is not, until the next one is allowed.
const takeScript = `
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local step, whole = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = tonumber(redis.call('GET', KEYS[1]) or '0')
if full < now then full = now end
if full > now + whole then
  full = now + whole
  redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil(whole / 1000))
end
local next = full + step
if next - now > whole then return {0, next - now - whole, full - now} end
redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000))
return {1, 0, next - now}
`

// NewRedis makes a counter of a URL (redis://user:password@host:port/db, rediss for TLS). It does not
// connect yet. Errors do not repeat the URL: it may hold a password.
func NewRedis(url string) (*Redis, error) { return newRedis(url, patience) }

func newRedis(url string, patience time.Duration) (*Redis, error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("URL of Redis cannot be read")
	}
	logging.Disable() // errors are returned; nothing else may write to the log
	o.MaxRetries = -1
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = 4*patience, 4*patience, 4*patience
	o.ContextTimeoutEnabled = true
	o.DisableIdentity = true
	return &Redis{client: redis.NewClient(o), take: redis.NewScript(takeScript), patience: patience, begun: time.Now()}, nil
}

// Close closes all connections.
func (r *Redis) Close() error { return r.client.Close() }

var errSilent = errors.New("the shared counter did not answer a moment ago")

// Take implements gateway.RateCounter.
func (r *Redis) Take(ctx context.Context, bucket string, p gateway.RatePolicy) (gateway.RateState, error) {
	if time.Since(r.begun) < time.Duration(r.silentUntil.Load()) {
		return gateway.RateState{}, errSilent
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.patience)
	defer cancel()
	step := p.Per.Microseconds() / int64(p.Requests)
	got, err := r.take.Run(ctx, r.client, []string{bucket}, step, p.Per.Microseconds()).Int64Slice()
	if err == nil && len(got) != 3 {
		err = errors.New("answer of the wrong form")
	}
	if err != nil {
		r.silentUntil.Store(int64(time.Since(r.begun) + pause))
		return gateway.RateState{}, fmt.Errorf("shared counter: %w", err)
	}
	st := gateway.RateState{OK: got[0] == 1, Wait: micro(got[1]), Reset: micro(got[2])}
	if st.OK {
		st.Remaining = int((p.Per - st.Reset).Microseconds() / max(step, 1))
	}
	return st, nil
}

func micro(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
