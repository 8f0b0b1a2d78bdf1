// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"lintel/gateway"
)

// successorTime is how long a successor may take until it serves.
const successorTime = time.Minute

// handover starts successors: processes of the same command, which take over the listeners.
type handover struct {
	command   string // the program as it was called, which may be a newer one by now
	args      []string
	addresses []string
	listeners []net.Listener
	log       logging
	signals   <-chan os.Signal
}

// newHandover remembers how this process was called. signals ask for a handover.
func newHandover(log logging, signals <-chan os.Signal) *handover {
	h := &handover{args: os.Args[1:], log: log, signals: signals}
	if path, err := exec.LookPath(os.Args[0]); err == nil {
		h.command, _ = filepath.Abs(path)
	}
	if h.command == "" {
		h.command, _ = os.Executable()
	}
	return h
}

// add names a listener to be handed on with its configured address.
func (h *handover) add(name, address string, l net.Listener) {
	if l != nil {
		h.addresses, h.listeners = append(h.addresses, handedName(name, address)), append(h.listeners, l)
	}
}

// run waits for the signal and hands over; once that has worked, it ends the context of the server.
func (h *handover) run(ctx context.Context, done context.CancelCauseFunc) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.signals:
		}
		h.log.Info("handover begins", "command", h.command)
		pid, err := h.try(ctx)
		if err == nil {
			h.log.Info("a successor serves, this process ends", "successor", pid)
			done(gateway.ErrHandover)
			return
		}
		h.log.Error("handover failed, this process keeps serving", "error", err.Error())
	}
}

// try starts a successor and waits until it serves.
func (h *handover) try(ctx context.Context) (pid int, err error) {
	if os.Getpid() == 1 {
		return 0, errors.New("this process is the first of its container, which ends with it: replace the container instead")
	}
	files, err := h.files()
	defer closeAll(&files)
	if err != nil {
		return 0, err
	}
	ready, successorEnd, err := os.Pipe()
	if err != nil {
		return 0, fmt.Errorf("no pipe for the successor: %w", err)
	}
	defer func() { _ = ready.Close() }()
	given, err := json.Marshal(handed{Addresses: h.addresses})
	if err != nil {
		_ = successorEnd.Close()
		return 0, err
	}
	// It lives longer than this process and its contexts.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), h.command, h.args...) // #nosec G204 -- the command that this process is
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.ExtraFiles = append(append(cmd.ExtraFiles, files...), successorEnd)
	cmd.Env = append(environmentWithout(handoverVariable, "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"), handoverVariable+"="+string(given))
	err = cmd.Start()
	_ = successorEnd.Close() // so that the end of the successor is the end of the pipe
	if err != nil {
		return 0, fmt.Errorf("the successor cannot be started: %w", err)
	}
	if err := h.await(ctx, cmd, ready); err != nil {
		return 0, err
	}
	pid = cmd.Process.Pid
	return pid, cmd.Process.Release()
}

// await waits for the word of a successor. One that ends first, or takes too long, is no successor.
func (h *handover) await(ctx context.Context, cmd *exec.Cmd, ready *os.File) error {
	word := make(chan string, 1)
	go func() {
		b, _ := io.ReadAll(io.LimitReader(ready, int64(len(readyWord))))
		word <- string(b)
	}()
	timer := time.NewTimer(successorTime)
	defer timer.Stop()
	err := errors.New("the successor ended before it served; its output says why")
	select {
	case got := <-word:
		if got == readyWord {
			return nil
		}
	case <-timer.C:
		err = fmt.Errorf("the successor did not serve within %s", successorTime)
	case <-ctx.Done():
		err = errors.New("this process was stopped meanwhile")
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	return err
}

// files makes descriptors of the listeners that a child can have.
func (h *handover) files() ([]*os.File, error) {
	var out []*os.File
	for i, l := range h.listeners {
		file, err := listenerFile(l)
		if err != nil {
			return out, fmt.Errorf("the listener of %s cannot be handed over: %w", h.addresses[i], err)
		}
		out = append(out, file)
	}
	return out, nil
}

func closeAll(files *[]*os.File) {
	for _, f := range *files {
		_ = f.Close()
	}
}

func environmentWithout(names ...string) []string {
	var out []string
next:
	for _, entry := range os.Environ() {
		for _, name := range names {
			if strings.HasPrefix(entry, name+"=") {
				continue next
			}
		}
		out = append(out, entry)
	}
	return out
}
