// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"
)

// Audit is a file of what operators did. Every line holds the hash of the one before it, so that a
// line that is changed or taken out is noticed. It is safe for concurrent use.
type Audit struct {
	mu   sync.Mutex
	path string
	last string
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

// OpenAudit reads the file and checks its chain. A file that is not there is begun with the first line. Without a
// path nothing is kept: for simulations, of which nothing is to stay.
func OpenAudit(path string) (*Audit, error) {
	a := &Audit{path: path}
	if path == "" {
		return a, nil
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the audit log cannot be read: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var l AuditLine
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("the audit log %s is damaged in line %d", path, n)
		}
		if h, err := l.hash(); err != nil || h != l.Hash || l.Previous != a.last {
			return nil, fmt.Errorf("the audit log %s was changed in line %d or before it", path, n)
		}
		a.last = l.Hash
	}
	return a, lines.Err()
}

// Write appends a line; it is on stable storage when Write returns.
func (a *Audit) Write(l AuditLine) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	l.Previous = a.last
	var err error
	if l.Hash, err = l.hash(); err != nil {
		return err
	}
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if a.path == "" {
		a.last = l.Hash
		return nil
	}
	f, err := os.OpenFile(a.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		a.last = l.Hash
	}
	return err
}
