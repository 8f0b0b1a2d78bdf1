// SPDX-License-Identifier: Apache-2.0

package journaltest

import (
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// CutPostgres is a way to a database on which connections are cut: in the middle of a statement, or when it is committed and
// the word of it is under way. each is how many bytes of answers a connection lasts for, on average. It returns the URL that
// leads over it.
func CutPostgres(t *testing.T, direct string, each int64) string {
	t.Helper()
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	const socket = ".s.PGSQL.5432"
	q := u.Query()
	server, dir := filepath.Join(q.Get("host"), socket), t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, socket)) //nolint:noctx // ends with the test
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { carry(client, server, each) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	q.Set("host", dir)
	q.Set("pool_max_conns", "6")
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String()
}

// carry carries bytes to and fro until it has carried enough.
func carry(client net.Conn, server string, each int64) {
	defer func() { _ = client.Close() }()
	up, err := net.Dial("unix", server) //nolint:noctx // ends with the test
	if err != nil {
		return
	}
	defer func() { _ = up.Close() }()
	half := func(to, from net.Conn, most int64) {
		_, _ = io.Copy(to, io.LimitReader(from, most))
		_, _ = client.Close(), up.Close()
	}
	var wg sync.WaitGroup
	wg.Go(func() { half(up, client, each/2+rand.Int64N(5*each)) })
	wg.Go(func() { half(client, up, each/4+rand.Int64N(each*3/2)) })
	wg.Wait()
}
