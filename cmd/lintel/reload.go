// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"reflect"
	"syscall"
	"time"
)

// watchEvery is how often a watched workspace is looked at. Looking finds every way in which files
// come to be: editors, copies, and the exchange of a link under a mounted volume.
const watchEvery = 500 * time.Millisecond

// reloader reads a workspace again while it is served.
type reloader struct {
	p   *program
	dir string
	// seen sums up the files as they were read last.
	seen  [sha256.Size]byte
	house *house
	sims  *simulation
	log   logging
}

// start waits for SIGHUP and, if watch is set, for changes of files, until ctx ends or the returned
// function is called.
func (r *reloader) start(ctx context.Context, watch bool) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer signal.Stop(hangup)
		r.run(ctx, hangup, watch)
	}()
	return func() {
		cancel()
		<-done
	}
}

func (r *reloader) run(ctx context.Context, hangup <-chan os.Signal, watch bool) {
	var ticks <-chan time.Time
	if watch {
		t := time.NewTicker(watchEvery)
		defer t.Stop()
		ticks = t.C
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			r.seen = look(r.dir)
			r.reload("signal")
		case <-ticks:
			if now := look(r.dir); now != r.seen {
				r.seen = now
				r.reload("file")
			}
		}
	}
}

// reload is one transaction: the workspace as it is now is loaded, checked and compiled, and then
// takes the place of the one that serves, or is refused as a whole.
func (r *reloader) reload(cause string) {
	start := time.Now()
	err := r.try()
	if err == nil {
		r.log.Info("workspace reloaded", "cause", cause, "ms", time.Since(start).Milliseconds())
		return
	}
	r.house.gateway.ReloadRefused()
	r.log.Error("workspace refused, the one in place keeps serving", "cause", cause, "error", err.Error())
}

func (r *reloader) try() error {
	compiled, err := r.p.ready(r.dir)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(startOnly(compiled.ws.Config.Gateway), startOnly(r.house.config)) {
		r.log.Warn("the gateway section of lintel.yaml has changed in what takes effect at the next start only")
	}
	backends, err := r.sims.backends(compiled)
	if err != nil {
		return err
	}
	return r.house.put(compiled, backends)
}

// look sums up names, sizes and times of all files of a workspace. Links are followed.
func look(dir string) [sha256.Size]byte {
	h := sha256.New()
	var number [8]byte
	add := func(n int64) {
		binary.BigEndian.PutUint64(number[:], uint64(n))
		h.Write(number[:])
	}
	_ = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		info, serr := os.Stat(path)
		if err = errors.Join(err, serr); err != nil {
			h.Write([]byte(err.Error()))
			return nil
		}
		h.Write([]byte(path))
		if !info.IsDir() {
			add(info.Size())
			add(info.ModTime().UnixNano())
		}
		return nil
	})
	return [sha256.Size]byte(h.Sum(nil))
}
