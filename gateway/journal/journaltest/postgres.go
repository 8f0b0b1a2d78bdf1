// SPDX-License-Identifier: Apache-2.0

package journaltest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Postgres is a PostgreSQL server of its own, reached by a socket in a temporary folder.
type Postgres struct {
	bin, dir  string
	as        *syscall.Credential
	cmd       *exec.Cmd
	log       bytes.Buffer
	databases int
}

// StartPostgres runs a server until the test ends. Without PostgreSQL the test is skipped loudly, or
// fails where peers are required.
func StartPostgres(t *testing.T) *Postgres {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a PostgreSQL server")
	}
	dir, err := os.MkdirTemp("", "lintel-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p := &Postgres{bin: postgresFolder(t), dir: dir}
	if os.Getuid() == 0 {
		p.as = postgresUser(t)
		if err := os.Chown(dir, int(p.as.Uid), int(p.as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	initdb := p.command("initdb", "-D", filepath.Join(dir, "data"), "-A", "trust", "-U", "lintel", "--no-sync", "-E", "UTF8", "--locale=C")
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	p.Start(t)
	t.Cleanup(func() { p.Stop(t) })
	return p
}

// postgresFolder finds the programs that scripts/peers/postgres.sh installs.
func postgresFolder(t *testing.T) string {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; root != "/"; root = filepath.Dir(root) {
		script := filepath.Join(root, "scripts", "peers.sh")
		if _, err := os.Stat(script); err != nil {
			continue
		}
		out, err := exec.CommandContext(t.Context(), script, "postgres").CombinedOutput()
		if err == nil {
			return filepath.Join(root, ".build", "postgres", "bin")
		}
		if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
			t.Fatalf("PostgreSQL cannot be installed: %v\n%s", err, out)
		}
		t.Skipf("SKIPPED, NOT TESTED: PostgreSQL is missing: %v\n%s", err, out)
	}
	t.Fatal("scripts/peers.sh is not found")
	return ""
}

// postgresUser is whom the server runs as when the tests run as root, which it refuses.
func postgresUser(t *testing.T) *syscall.Credential {
	t.Helper()
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.ParseUint(u.Uid, 10, 32)
		gid, _ := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	t.Fatal("there is no user to run PostgreSQL as")
	return nil
}

func (p *Postgres) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, name), args...) //nolint:noctx // it is stopped by its handle
	cmd.Dir = p.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "HOME=" + p.dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.as}
	return cmd
}

// Start runs the server and waits until it takes connections.
func (p *Postgres) Start(t *testing.T) {
	t.Helper()
	p.cmd = p.command("postgres", "-D", filepath.Join(p.dir, "data"), "-k", p.dir, "-c", "listen_addresses=", "-c", "max_connections=200")
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		ready := p.command("psql", "-h", p.dir, "-U", "lintel", "-d", "postgres", "-c", "SELECT 1")
		if ready.Run() == nil {
			return
		}
		if time.Now().After(end) {
			_ = p.cmd.Process.Kill()
			t.Fatalf("PostgreSQL does not start:\n%s", p.log.String())
		}
	}
}

// Stop ends the server, if it runs.
func (p *Postgres) Stop(t *testing.T) {
	t.Helper()
	p.end(t, syscall.SIGINT) // ends connections, then itself
}

// Crash ends the server as it is, with nothing written that is not on stable storage: the next start has to recover.
func (p *Postgres) Crash(t *testing.T) {
	t.Helper()
	p.end(t, syscall.SIGQUIT)
}

func (p *Postgres) end(t *testing.T, how syscall.Signal) {
	t.Helper()
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(how)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = p.cmd.Wait()
	}()
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		_ = p.cmd.Process.Kill()
		<-done
		t.Error("PostgreSQL did not stop by itself")
	}
	p.cmd = nil
}

// Database makes an empty database and returns its URL.
func (p *Postgres) Database(t *testing.T) string {
	t.Helper()
	p.databases++
	name := fmt.Sprintf("journal%d", p.databases)
	create := p.command("psql", "-h", p.dir, "-U", "lintel", "-d", "postgres", "-c", "CREATE DATABASE "+name)
	if out, err := create.CombinedOutput(); err != nil {
		t.Fatalf("create database: %v\n%s", err, out)
	}
	return "postgres:///" + name + "?host=" + strings.ReplaceAll(p.dir, "/", "%2F") + "&user=lintel"
}
