// SPDX-License-Identifier: Apache-2.0

package journal_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"lintel/gateway/journal"
	"lintel/gateway/journal/filestore"
	"lintel/gateway/journal/journaltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const key = "0123456789abcdef"

// start opens a journal on a disk.
func start(t *testing.T, disk *journaltest.Disk, edit func(*journal.Options)) *journal.Journal {
	t.Helper()
	o := journal.Options{
		Open:   func(context.Context) (journal.Store, error) { return filestore.Open(filestore.Options{Disk: disk}) },
		Secret: bytes.Repeat([]byte{7}, 32), Owner: "one",
	}
	if edit != nil {
		edit(&o)
	}
	j, err := journal.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func call(j *journal.Journal, body string) *journal.Call {
	return &journal.Call{
		Tenant: "anna", Operation: "transfer", Key: key, Backend: "core",
		Fingerprint: j.Fingerprint([]byte(body)), Deadline: time.Now().Add(time.Second), Request: []byte(body),
	}
}

func begin(t *testing.T, j *journal.Journal, c *journal.Call, want journal.Verdict) journal.Found {
	t.Helper()
	f, err := j.Begin(t.Context(), c)
	if err != nil || f.Verdict != want {
		t.Fatalf("begin: %s, %v; want %s", f.Verdict, err, want)
	}
	return f
}

func finish(t *testing.T, j *journal.Journal, id journal.ID, to journal.State, reply string) {
	t.Helper()
	if err := j.Finish(t.Context(), id, journal.End{To: to, Proof: "reply", Reply: []byte(reply)}); err != nil {
		t.Fatal(err)
	}
}

// TestIdentity: a call keeps its identity only while it is the same call.
func TestIdentity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := start(t, journaltest.NewDisk(1), nil)
		defer func() { _ = j.Close() }()
		c := call(j, "{}")
		seen := map[journal.ID]bool{j.ID(c): true}
		for _, edit := range []func(*journal.Call){
			func(c *journal.Call) { c.Tenant = "bert" }, func(c *journal.Call) { c.Operation = "refund" },
			func(c *journal.Call) { c.Key += "0" }, func(c *journal.Call) { c.Step = "debit" },
		} {
			edit(c)
			fresh := &journal.Call{Tenant: c.Tenant, Operation: c.Operation, Key: c.Key, Step: c.Step}
			if id := j.ID(c); seen[id] || id != j.ID(fresh) {
				t.Errorf("%+v is %s", c, id)
			}
			seen[j.ID(c)] = true
		}
	})
}

// TestVerdicts: what the same key says in every state (I01, I03, I04).
func TestVerdicts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := start(t, journaltest.NewDisk(1), nil)
		defer func() { _ = j.Close() }()
		c := call(j, `{"amount":1.00}`)
		e := begin(t, j, c, journal.Unknown).Entry
		begin(t, j, c, journal.Running)
		begin(t, j, call(j, `{"amount":1.01}`), journal.Mismatch)
		finish(t, j, e.ID, journal.InDoubt, "")
		begin(t, j, c, journal.Doubtful)
		finish(t, j, e.ID, journal.Complete, "done")
		if f := begin(t, j, c, journal.Finished); string(f.Reply) != "done" {
			t.Errorf("reply %q", f.Reply)
		}
		if f, err := j.Lookup(t.Context(), c); err != nil || string(f.Reply) != "done" {
			t.Errorf("lookup: %v %v", f, err)
		}
		for _, edit := range []func(*journal.Call){
			func(c *journal.Call) { c.Tenant = "bert" },
			func(c *journal.Call) { c.Operation = "refund" },
			func(c *journal.Call) { c.Key += "0" },
			func(c *journal.Call) { c.Step = "debit" },
			func(c *journal.Call) { c.Tenant, c.Operation = "an", "natransfer" },
		} {
			other := call(j, `{"amount":1.00}`)
			edit(other)
			f := begin(t, j, other, journal.Unknown)
			finish(t, j, f.Entry.ID, journal.Released, "")
			begin(t, j, other, journal.Unknown)
		}
	})
}

// TestI06Fingerprint: documents that mean the same have the same fingerprint, and no others.
func TestI06Fingerprint(t *testing.T) {
	j := start(t, journaltest.NewDisk(1), nil)
	defer func() { _ = j.Close() }()
	groups := [][]string{
		{`{"a":1,"b":[2,{"c":"x"}]}`, ` { "b" : [ 2.0, {"c":"\u0078"} ] , "a":1.00 }`, `{"a":10e-1,"b":[0.02e2,{"c":"x"}]}`},
		{`{"a":1,"b":[{"c":"x"},2]}`},
		{`{"a":1}`},
		{`{"a":"1"}`},
		{`{"a":-1}`},
		{`{"a":10}`, `{"a":1e1}`},
		{`{"a":[]}`},
		{`{"a":{}}`},
		{`{"a":null}`},
		{`0`, `0.0`, `-0`, `0e9`},
		{`9007199254740993`},
		{`9007199254740992`},
		{`0.1`},
		{`0.10000000000000001`},
		{`1e999999999`},
		{`1e999999998`},
		{`1e99999999999999999999`},
		{`-1e99999999999999999999`},
		{`{"a":1,"a":2}`},
		{`{`},
		{``},
		{`[1,2]`},
		{`[12]`},
		{`["1,2"]`},
		{`true`},
		{`"true"`},
	}
	seen := map[journal.Fingerprint]int{}
	for i, g := range groups {
		for _, doc := range g {
			f := j.Fingerprint([]byte(doc))
			if before, ok := seen[f]; ok && before != i {
				t.Errorf("%s and %s have the same fingerprint", doc, groups[before][0])
			}
			seen[f] = i
		}
		if first := j.Fingerprint([]byte(g[0])); len(g) > 1 && first != j.Fingerprint([]byte(g[len(g)-1])) {
			t.Errorf("%s and %s differ", g[0], g[len(g)-1])
		}
	}
	if len(seen) != len(groups) {
		t.Errorf("%d fingerprints of %d meanings", len(seen), len(groups))
	}
	if j.Fingerprint(nil) == j.Fingerprint([]byte{}) || j.Fingerprint([]byte("1"), []byte("2")) == j.Fingerprint([]byte("12")) {
		t.Error("documents run together")
	}
	if d := time.Since(timeOf(func() { j.Fingerprint([]byte(`[` + strings.Repeat("9", 1<<16) + `e999999999]`)) })); d > 10*time.Second {
		t.Errorf("a long number takes %s", d)
	}
}

func timeOf(f func()) time.Time {
	start := time.Now()
	f()
	return start
}

// TestI05Keys: what is a key and what is not.
func TestI05Keys(t *testing.T) {
	long := strings.Repeat("k", 128)
	for value, want := range map[string]string{
		key: key, `"` + key + `"`: key, "  " + key + "\t": key, long: long,
		`"0123456789\"\\abcde"`: `0123456789"\abcde`, `0123456789"abcdef`: `0123456789"abcdef`,
		"8e03978e-40d5-43e8-bc93-6894a57f9324": "8e03978e-40d5-43e8-bc93-6894a57f9324",
		"0123456789abcde":                      "", long + "k": "", "": "", `"` + key: "", `"` + key + `";a=1`: "", `"` + key + `", "` + key + `"`: "",
		"0123456789 abcdef": "", "0123456789\tabcdef": "", "0123456789abcdefé": "", "0123456789abcdef\x00": "", `"0123456789\abcdef"`: "", `"0123456789abcdef\`: "",
	} {
		got, err := journal.ParseKey(value)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", value, got, err)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add(`"0123456789\"\\abcde"`)
	f.Add(key)
	f.Fuzz(func(t *testing.T, value string) {
		got, err := journal.ParseKey(value)
		if err != nil {
			return
		}
		if len(got) < journal.MinKey || len(got) > journal.MaxKey {
			t.Errorf("%q", got)
		}
		quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(got) + `"`
		if again, err := journal.ParseKey(quoted); err != nil || again != got {
			t.Errorf("%q: %q, %v", quoted, again, err)
		}
	})
}

// TestI17Expired: a key with a time in it that is older than what is remembered is refused, not run again.
func TestI17Expired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := start(t, journaltest.NewDisk(1), func(o *journal.Options) { o.Retention = 24 * time.Hour })
		defer func() { _ = j.Close() }()
		c := call(j, "{}")
		c.Key = uuid7(time.Now())
		e := begin(t, j, c, journal.Unknown).Entry
		finish(t, j, e.ID, journal.Complete, "done")
		time.Sleep(24*time.Hour + 30*time.Minute)
		begin(t, j, c, journal.Expired) // it is known still, but a new intent would not be taken either
		if f, err := j.Lookup(t.Context(), c); err != nil || f.Verdict != journal.Finished {
			t.Errorf("lookup before it is forgotten: %s, %v", f.Verdict, err)
		}
		time.Sleep(2 * time.Hour)
		if f, err := j.Lookup(t.Context(), c); err != nil || f.Verdict != journal.Expired {
			t.Errorf("lookup afterwards: %s, %v", f.Verdict, err)
		}
		begin(t, j, c, journal.Expired)
	})
}

// uuid7 makes a UUID of version 7.
func uuid7(at time.Time) string {
	const hex = "0123456789abcdef"
	ms := at.UnixMilli()
	var b []byte
	for i := 44; i >= 0; i -= 4 {
		b = append(b, hex[ms>>i&15])
	}
	return string(b[:8]) + "-" + string(b[8:]) + "-7abc-9def-0123456789ab"
}

// TestI15Epoch: the store was replaced by an empty one. Nothing is taken until an operator accepts it.
func TestI15Epoch(t *testing.T) {
	anchor := filepath.Join(t.TempDir(), "journal.epoch")
	edit := func(o *journal.Options) { o.Anchor = anchor }
	disk := journaltest.NewDisk(1)
	j := start(t, disk, edit)
	begin(t, j, call(j, "{}"), journal.Unknown)
	_ = j.Close()
	j = start(t, disk, edit)
	begin(t, j, call(j, "{}"), journal.Doubtful)
	if err := j.AcceptLoss(t.Context()); err == nil {
		t.Error("nothing was lost, and it was accepted")
	}
	_ = j.Close()
	j = start(t, journaltest.NewDisk(2), edit)
	defer func() { _ = j.Close() }()
	if _, err := j.Begin(t.Context(), call(j, "{}")); !errors.Is(err, journal.ErrUnavailable) || !errors.Is(err, journal.ErrEpoch) {
		t.Fatalf("an empty store was taken: %v", err)
	}
	if s := j.Stats(); s.Available || !strings.Contains(s.Reason, "accept") {
		t.Errorf("stats: %+v", s)
	}
	if err := j.AcceptLoss(t.Context()); err != nil {
		t.Fatal(err)
	}
	begin(t, j, call(j, "{}"), journal.Unknown)
}

// TestBegunWhenAccepted: where an operator has to accept it, a place with no journal at all, and no memory of one, is not taken
// for a first start. What has entries is no new journal.
func TestBegunWhenAccepted(t *testing.T) {
	dir := t.TempDir()
	anchor := filepath.Join(dir, "journal.epoch")
	edit := func(o *journal.Options) { o.Anchor, o.Accept = anchor, true }
	disk := journaltest.NewDisk(1)
	closed := func(j *journal.Journal) {
		t.Helper()
		if _, err := j.Begin(t.Context(), call(j, "{}")); !errors.Is(err, journal.ErrNew) || !j.Lost() {
			t.Fatalf("an empty place was taken: %v", err)
		}
	}
	for range 2 { // it does not become an old one by itself
		j := start(t, disk, edit)
		closed(j)
		_ = j.Close()
	}
	j := start(t, disk, edit)
	closed(j)
	if err := j.AcceptLoss(t.Context()); err != nil || j.Lost() {
		t.Fatal(err)
	}
	begin(t, j, call(j, "{}"), journal.Unknown)
	_ = j.Close()
	if err := os.Remove(anchor); err != nil {
		t.Fatal(err)
	}
	j = start(t, disk, edit)
	begin(t, j, call(j, "{}"), journal.Doubtful)
	_ = j.Close()
	// The volume came up empty.
	if err := os.Remove(anchor); err != nil {
		t.Fatal(err)
	}
	j = start(t, journaltest.NewDisk(2), edit)
	defer func() { _ = j.Close() }()
	closed(j)
}

// TestOtherSecret: the wrong secret is noticed before anything is recorded with it.
func TestOtherSecret(t *testing.T) {
	disk := journaltest.NewDisk(1)
	j := start(t, disk, nil)
	begin(t, j, call(j, "{}"), journal.Unknown)
	_ = j.Close()
	j = start(t, disk, func(o *journal.Options) { o.Secret = bytes.Repeat([]byte{8}, 32) })
	defer func() { _ = j.Close() }()
	if _, err := j.Begin(t.Context(), call(j, "{}")); !errors.Is(err, journal.ErrDamaged) {
		t.Errorf("another secret: %v", err)
	}
	if _, err := journal.New(t.Context(), journal.Options{Secret: []byte("short")}); err == nil {
		t.Error("a short secret was taken")
	}
}

// TestKeyRotation: what was encrypted with a key before is read with it, identities stay the same, and once a
// key is gone what needs it cannot be read.
func TestKeyRotation(t *testing.T) {
	keys := [][]byte{bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)}
	disk := journaltest.NewDisk(1)
	open := func(edit func(*journal.Options)) *journal.Journal { return start(t, disk, edit) }
	body := `{"amount":1}`
	j := open(nil) // under the secret of the journal
	one := call(j, body)
	finish(t, j, begin(t, j, one, journal.Unknown).Entry.ID, journal.Complete, "first")
	_ = j.Close()

	j = open(func(o *journal.Options) { o.Encryption = keys[0] })
	if f := begin(t, j, one, journal.Finished); string(f.Reply) != "first" {
		t.Errorf("under the secret: %q", f.Reply)
	}
	two := call(j, body)
	two.Key += "-2"
	finish(t, j, begin(t, j, two, journal.Unknown).Entry.ID, journal.Complete, "second")
	_ = j.Close()

	j = open(func(o *journal.Options) { o.Encryption, o.Decryption = keys[1], keys[:1] })
	for c, want := range map[*journal.Call]string{one: "first", two: "second"} {
		if f := begin(t, j, c, journal.Finished); string(f.Reply) != want {
			t.Errorf("%q, want %q", f.Reply, want)
		}
	}
	begin(t, j, call(j, `{"amount":2}`), journal.Mismatch)
	_ = j.Close()

	j = open(func(o *journal.Options) { o.Encryption = keys[1] }) // too early
	defer func() { _ = j.Close() }()
	if _, err := j.Begin(t.Context(), two); !errors.Is(err, journal.ErrUnavailable) {
		t.Errorf("without the key: %v", err)
	}
	for _, o := range []journal.Options{{Encryption: []byte("short")}, {Decryption: [][]byte{nil}}} {
		o.Secret, o.Open = keys[0], func(context.Context) (journal.Store, error) { return nil, errors.New("none") }
		if _, err := journal.New(t.Context(), o); err == nil {
			t.Error("a short key was taken")
		}
	}
}

// TestS03AtRest: nothing that a caller sent or got is readable in the files.
func TestS03AtRest(t *testing.T) {
	disk := journaltest.NewDisk(1)
	j := start(t, disk, nil)
	c := call(j, `{"canary":"CANARY-BODY"}`)
	c.Tenant, c.Key = "CANARY-TENANT", "CANARY-KEY-0123456789"
	e := begin(t, j, c, journal.Unknown).Entry
	if who, err := j.WhoBegan(e); err != nil || who.Tenant != c.Tenant || who.Key != c.Key {
		t.Errorf("who: %v %v", who, err)
	}
	if r, err := j.RequestOf(e); err != nil || string(r) != `{"canary":"CANARY-BODY"}` {
		t.Errorf("request: %s %v", r, err)
	}
	finish(t, j, e.ID, journal.Complete, "CANARY-REPLY")
	_ = j.Close()
	names, _ := disk.Names()
	for _, name := range names {
		if bytes.Contains(disk.Bytes(name), []byte("CANARY")) {
			t.Errorf("%s holds what is secret", name)
		}
	}
}

// TestSealedForOneEntry: what is kept of one operation cannot be passed off as another's, or as something else of the same one.
func TestSealedForOneEntry(t *testing.T) {
	j := start(t, journaltest.NewDisk(1), nil)
	defer func() { _ = j.Close() }()
	var entries [2]*journal.Entry
	for i := range entries {
		c := call(j, "{}")
		c.Key += "-" + string(rune('a'+i))
		id := begin(t, j, c, journal.Unknown).Entry.ID
		if err := j.Finish(t.Context(), id, journal.End{To: journal.InDoubt, Reply: []byte("reply")}); err != nil {
			t.Fatal(err)
		}
		e, err := j.Get(t.Context(), id)
		if err != nil || e == nil {
			t.Fatal(err)
		}
		entries[i] = e
	}
	for name, swap := range map[string]func(a, b *journal.Entry){
		"none":                 func(a, b *journal.Entry) {},
		"who of another":       func(a, b *journal.Entry) { a.Who = b.Who },
		"request of another":   func(a, b *journal.Entry) { a.Request = b.Request },
		"reply of another":     func(a, b *journal.Entry) { a.Reply = b.Reply },
		"the request as reply": func(a, _ *journal.Entry) { a.Reply = a.Request },
		"the reply as who":     func(a, _ *journal.Entry) { a.Who = a.Reply },
		"the id of another":    func(a, b *journal.Entry) { a.ID = b.ID },
		"the reply as request": func(a, _ *journal.Entry) { a.Request = a.Reply },
	} {
		a := *entries[0]
		swap(&a, entries[1])
		_, werr := j.WhoBegan(&a)
		_, rerr := j.RequestOf(&a)
		_, aerr := j.ReplyOf(&a)
		if err := errors.Join(werr, rerr, aerr); (err == nil) != (name == "none") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOwed: a completion that cannot be recorded is recorded when that is possible again.
func TestOwed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := journaltest.NewDisk(1)
		var bad atomic.Bool
		disk.Fault = func(string) error {
			if bad.Load() {
				return errors.New("injected")
			}
			return nil
		}
		j := start(t, disk, nil)
		defer func() { _ = j.Close() }()
		c := call(j, "{}")
		e := begin(t, j, c, journal.Unknown).Entry
		bad.Store(true)
		if err := j.Finish(t.Context(), e.ID, journal.End{To: journal.Complete, Reply: []byte("done")}); !errors.Is(err, journal.ErrUnavailable) {
			t.Fatalf("finish: %v", err)
		}
		if s := j.Stats(); s.Available || s.Owed != 1 {
			t.Errorf("stats: %+v", s)
		}
		begin(t, j, c, journal.Running)
		bad.Store(false)
		time.Sleep(5 * time.Second)
		if s := j.Stats(); !s.Available || s.Owed != 0 {
			t.Errorf("stats: %+v", s)
		}
		begin(t, j, c, journal.Finished)
	})
}

// TestStoreComesLater: a store that cannot be opened is tried again.
func TestStoreComesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := journaltest.NewDisk(1)
		var ok atomic.Bool
		j := start(t, disk, func(o *journal.Options) {
			open := o.Open
			o.Open = func(ctx context.Context) (journal.Store, error) {
				if !ok.Load() {
					return nil, errors.New("another process uses the journal")
				}
				return open(ctx)
			}
		})
		defer func() { _ = j.Close() }()
		if _, err := j.Begin(t.Context(), call(j, "{}")); !errors.Is(err, journal.ErrUnavailable) {
			t.Errorf("begin: %v", err)
		}
		ok.Store(true)
		time.Sleep(2 * time.Second)
		begin(t, j, call(j, "{}"), journal.Unknown)
	})
}

// TestAnchorFails: an anchor that cannot be read or written keeps the journal closed.
func TestAnchorFails(t *testing.T) {
	j := start(t, journaltest.NewDisk(1), func(o *journal.Options) { o.Anchor = filepath.Join(t.TempDir(), "none", "anchor") })
	defer func() { _ = j.Close() }()
	if _, err := j.Begin(t.Context(), call(j, "{}")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("begin: %v", err)
	}
}

// TestStats counts what is in doubt and tells the oldest.
func TestStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := start(t, journaltest.NewDisk(1), nil)
		defer func() { _ = j.Close() }()
		oldest := time.Now()
		e := begin(t, j, call(j, "{}"), journal.Unknown).Entry
		time.Sleep(time.Hour)
		if s := j.Stats(); s.InDoubt != 1 || !s.Oldest.Equal(oldest) {
			t.Errorf("an overdue intent is not in doubt: %+v", s)
		}
		if err := j.Finish(t.Context(), e.ID, journal.End{To: journal.InDoubt, Proof: "contradiction", Contested: true}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if s := j.Stats(); s.Contested != 1 {
			t.Errorf("contested: %+v", s)
		}
		finish(t, j, e.ID, journal.NotApplied, "no")
		time.Sleep(2 * time.Second)
		if s := j.Stats(); s.InDoubt != 0 || !s.Oldest.IsZero() {
			t.Errorf("stats: %+v", s)
		}
	})
}

// TestID: names are stable, and read back.
func TestID(t *testing.T) {
	j := start(t, journaltest.NewDisk(1), nil)
	defer func() { _ = j.Close() }()
	id := j.ID(call(j, "{}"))
	if got, err := journal.ParseID(id.String()); err != nil || got != id || id.IsZero() {
		t.Errorf("%s: %v", id, err)
	}
	if u := id.UUID(); len(u) != 36 || u[14] != '8' {
		t.Errorf("uuid %s", u)
	}
	for _, bad := range []string{"", "00", strings.ToUpper(id.String()), id.String() + "0", strings.Repeat("x", 48)} {
		if _, err := journal.ParseID(bad); err == nil {
			t.Errorf("%q is taken for an id", bad)
		}
	}
}

// TestClockIsWrong: a clock that is days off for a while, and right again, neither forgets what is young nor takes keys
// again that are forgotten.
func TestClockIsWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const day = 24 * 3600
		var off atomic.Int64
		j := start(t, journaltest.NewDisk(1), func(o *journal.Options) {
			o.Retention, o.Now = 24*time.Hour, func() time.Time { return journaltest.WallAndMono(off.Load()) }
		})
		defer func() { _ = j.Close() }()
		plain, dated := call(j, "{}"), call(j, "{}")
		dated.Key = uuid7(time.Now())
		for _, c := range []*journal.Call{plain, dated} {
			finish(t, j, begin(t, j, c, journal.Unknown).Entry.ID, journal.Complete, "done")
		}
		is := func(c *journal.Call, want journal.Verdict) {
			t.Helper()
			if f, err := j.Lookup(t.Context(), c); err != nil || f.Verdict != want {
				t.Errorf("%s, %v; want %s", f.Verdict, err, want)
			}
		}
		for _, days := range []int64{9, -9, 0} {
			off.Store(days * day)
			time.Sleep(10 * time.Minute) // upkeep sees it
			is(plain, journal.Finished)
			is(dated, journal.Finished)
		}
		time.Sleep(26 * time.Hour)
		synctest.Wait() // upkeep is over that began at this moment: with the clock that is set now it would show what is old
		off.Store(-9 * day)
		is(dated, journal.Expired)
		begin(t, j, dated, journal.Expired)
	})
}

// otherClock is a store whose clock is not that of its gateway.
type otherClock struct {
	journal.Store
	ahead time.Duration
}

// Clock tells the time.
func (c otherClock) Clock(context.Context) (time.Time, error) { return time.Now().Add(c.ahead), nil }

// TestClockOfTheStore: how old a key is goes by the clock that is ahead, that of the gateway or that of its store.
func TestClockOfTheStore(t *testing.T) {
	for ahead, want := range map[time.Duration]journal.Verdict{-3 * time.Hour: journal.Unknown, 0: journal.Unknown, 3 * time.Hour: journal.Expired} {
		synctest.Test(t, func(t *testing.T) {
			disk := journaltest.NewDisk(1)
			j := start(t, disk, func(o *journal.Options) {
				o.Retention, o.Open = 24*time.Hour, func(context.Context) (journal.Store, error) {
					s, err := filestore.Open(filestore.Options{Disk: disk})
					return otherClock{s, ahead}, err
				}
			})
			defer func() { _ = j.Close() }()
			c := call(j, "{}")
			c.Key = uuid7(time.Now().Add(-22 * time.Hour))
			begin(t, j, c, want)
		})
	}
}

// O13: whatever the clock is set to while a call runs and after it, its key is never one that nobody knows.
func TestO13ClockIsSet(t *testing.T) {
	for _, jump := range []time.Duration{-time.Hour, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			var ahead atomic.Int64
			j := start(t, journaltest.NewDisk(1), func(o *journal.Options) {
				o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
			})
			defer func() { _ = j.Close() }()
			c := call(j, `{"amount":1.00}`)
			e := begin(t, j, c, journal.Unknown).Entry
			ahead.Store(int64(jump))
			time.Sleep(time.Hour) // upkeep sees it
			if f, err := j.Lookup(t.Context(), c); err != nil || f.Verdict != journal.Running && f.Verdict != journal.Doubtful {
				t.Errorf("%s: while it runs: %s, %v", jump, f.Verdict, err)
			}
			finish(t, j, e.ID, journal.Complete, "done")
			for _, next := range []time.Duration{0, -jump, jump} {
				ahead.Store(int64(next))
				time.Sleep(time.Hour)
				if f, err := j.Lookup(t.Context(), c); err != nil || f.Verdict != journal.Finished || string(f.Reply) != "done" {
					t.Errorf("%s, then %s: %s, %v", jump, next, f.Verdict, err)
				}
			}
		})
	}
}
