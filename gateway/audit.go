// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"lintel/gateway/journal"
)

// Audit is a file of what operators did. Every line holds the hash of the one before it, so that a
// line that is changed or taken out is noticed. A last line that was not written whole, since the machine
// stopped or the disk was full, is of something that was not done: it is cut off, and kept in a file beside
// this one. An Audit is safe for concurrent use; at a handover the process before may still write.
type Audit struct {
	path string
	log  *slog.Logger

	mu sync.Mutex
	// last is the hash of the last line, size how much of the file was checked.
	last string
	size int64
	// unended says that the last line is whole, but for its end.
	unended bool
}

// AuditLine is one line of an Audit.
type AuditLine struct {
	Time      time.Time `json:"time"`
	By        string    `json:"by"`
	Action    string    `json:"action"`
	Operation string    `json:"operation,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	// Previous is the hash of the line before it, Hash that of this line with Hash empty.
	Previous string `json:"previous"`
	Hash     string `json:"hash"`
}

func (l AuditLine) hash() (string, error) {
	l.Hash = ""
	b, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// tornSuffix makes the name of the file that keeps what was cut off.
const tornSuffix = ".torn"

// OpenAudit reads the file and checks its chain. A file that is not there is begun with the first line. Without a
// path nothing is kept: for simulations, of which nothing is to stay.
func OpenAudit(path string, log *slog.Logger) (*Audit, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	a := &Audit{path: path, log: log}
	if path == "" {
		return a, nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the audit log cannot be read: %w", err)
	}
	torn, err := a.catchUp(f)
	if err == nil && len(torn) > 0 {
		if err := a.repair(f, torn); err != nil {
			// Nothing can be decided until it can be: Write tries again.
			log.Error("the torn last line of the audit log cannot be cut off", "file", path, "error", err.Error())
		}
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return a, nil
}

// catchUp checks the lines that it has not seen. What it returns is the end of a line that was not written whole.
func (a *Audit) catchUp(f *os.File) (torn []byte, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("the audit log cannot be read: %w", err)
	}
	if info.Size() < a.size {
		return nil, fmt.Errorf("the audit log %s is shorter than it was", a.path)
	}
	rest := make([]byte, info.Size()-a.size)
	if _, err := f.ReadAt(rest, a.size); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the audit log cannot be read: %w", err)
	}
	if a.unended && len(rest) > 0 && rest[0] == '\n' { // another process ended the line
		a.unended, a.size, rest = false, a.size+1, rest[1:]
	}
	for len(rest) > 0 {
		line, after, whole := bytes.Cut(rest, []byte{'\n'})
		// A block that did not reach the disk reads as zeros, which no line holds.
		if len(after) == 0 && !json.Valid(line) && (!whole || bytes.IndexByte(line, 0) >= 0) {
			return rest, nil
		}
		if err := a.take(line); err != nil {
			return nil, err
		}
		if a.unended = !whole; whole {
			a.size++
		}
		rest = after
	}
	return nil, nil
}

// take checks a line and makes it the last.
func (a *Audit) take(line []byte) error {
	var l AuditLine
	if err := json.Unmarshal(line, &l); err != nil {
		return fmt.Errorf("the audit log %s is damaged at byte %d", a.path, a.size)
	}
	if h, err := l.hash(); err != nil || h != l.Hash || l.Previous != a.last {
		return fmt.Errorf("the audit log %s was changed at byte %d or before it", a.path, a.size)
	}
	a.last = l.Hash
	a.size += int64(len(line))
	return nil
}

// repair cuts off a torn end, once it is kept elsewhere, and says so in a line.
func (a *Audit) repair(f *os.File, torn []byte) error {
	name := a.path + tornSuffix
	kept, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = kept.Write(append(torn, '\n'))
	if err = errors.Join(err, kept.Sync(), kept.Close(), journal.SyncFolder(filepath.Dir(a.path))); err != nil {
		return err
	}
	if err := errors.Join(f.Truncate(a.size), f.Sync()); err != nil {
		return err
	}
	a.log.Warn("the last line of the audit log was not written whole: it was cut off", "file", a.path, "bytes", len(torn), "kept", name)
	return a.append(f, AuditLine{
		Time: time.Now().UTC(), By: "lintel", Action: "cut off a torn line",
		Reason: fmt.Sprintf("%d bytes, kept in %s", len(torn), filepath.Base(name)),
	})
}

// append writes a line behind the last one.
func (a *Audit) append(f *os.File, l AuditLine) (err error) {
	l.Previous = a.last
	if l.Hash, err = l.hash(); err != nil {
		return err
	}
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	b = append(b, '\n')
	if a.unended {
		b = append([]byte{'\n'}, b...)
	}
	if _, err = f.Write(b); err != nil {
		return err
	}
	if err = f.Sync(); err == nil {
		a.last, a.size, a.unended = l.Hash, a.size+int64(len(b)), false
		// No chain knows how long it was: whoever keeps the log elsewhere does.
		a.log.Info("audit", "action", l.Action, "by", l.By, "operation", l.Operation, "hash", l.Hash)
	}
	return err
}

// Write appends a line; it is on stable storage when Write returns. After an error the line may be there all the
// same: what is not done after it was tried.
func (a *Audit) Write(l AuditLine) (err error) {
	if a.path == "" {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	f, err := os.OpenFile(a.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	torn, err := a.catchUp(f)
	if err == nil && len(torn) > 0 {
		err = a.repair(f, torn)
	}
	if err == nil && a.size == 0 {
		err = journal.SyncFolder(filepath.Dir(a.path)) // the file may be new
	}
	if err != nil {
		return err
	}
	return a.append(f, l)
}
