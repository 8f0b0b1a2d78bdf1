// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// storyCommands are the commands of stories beside those of testscript:
//
//	start NAME ARGS...       runs lintel in the background until it says where it listens: $NAME_API, $NAME_ADMIN, $NAME_HOST_backend
//	await NAME PATTERN       waits for what it prints; nothing that was awaited before counts again
//	stop NAME                interrupts it as Ctrl-C does, and waits for its end; what it printed is in NAME.log
//	call METHOD URL [BODY]   sends a request; status and body are its standard output. ! expects 400 or more
//	edit FILE OLD NEW        replaces a text in a file, which must be there; \n in NEW is a new line
//	example NAME             copies an example here, and gives its hosts more time
//	waitfile FILE            waits until a file has content
//	waitcall URL TEXT        asks until an answer has the text
//	taken URL                sets $TAKEN to the port of a URL
func storyCommands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"start": storyStart, "await": storyAwait, "stop": storyStop, "call": storyCall, "edit": storyEdit, "example": storyExample,
		"waitfile": storyWaitFile, "taken": storyTaken, "waitcall": storyWaitCall,
	}
}

// background is a lintel that a story has running.
type background struct {
	cmd  *exec.Cmd
	done chan struct{}

	mu   sync.Mutex
	text bytes.Buffer
	seen int // of text, by await
}

// Write implements io.Writer.
func (b *background) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// await waits for a pattern in what was printed since the last time.
func (b *background) await(pattern string) ([]string, error) {
	re, err := regexp.Compile("(?m)" + pattern)
	if err != nil {
		return nil, err
	}
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		b.mu.Lock()
		at := re.FindSubmatchIndex(b.text.Bytes()[b.seen:])
		var groups []string
		if at != nil {
			for i := 0; i < len(at); i += 2 {
				groups = append(groups, string(b.text.Bytes()[b.seen+at[i]:b.seen+at[i+1]]))
			}
			b.seen += at[1]
		}
		text := b.text.String()
		b.mu.Unlock()
		if at != nil {
			return groups, nil
		}
		ended := false
		select {
		case <-b.done:
			ended = true
		default:
		}
		if ended || time.Now().After(end) {
			return nil, fmt.Errorf("%q was not printed (ended: %t):\n%s", pattern, ended, text)
		}
	}
}

func (b *background) stop() {
	_ = b.cmd.Process.Signal(os.Interrupt)
	select {
	case <-b.done:
	case <-time.After(patience):
		_ = b.cmd.Process.Kill()
		<-b.done
	}
}

// backgrounds are those of a story, kept among its values.
func backgrounds(ts *testscript.TestScript) map[string]*background {
	return ts.Value(backgroundsKey{}).(map[string]*background)
}

type backgroundsKey struct{}

func storyStart(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME ARGS...")
	}
	name := args[0]
	exe, err := os.Executable()
	ts.Check(err)
	b := &background{done: make(chan struct{})}
	b.cmd = exec.Command(exe, args[1:]...)
	b.cmd.Dir = ts.MkAbs(".")
	b.cmd.Env = append(os.Environ(), asCommand+"=1")
	for _, name := range []string{"TMPDIR", "BROWSER", "CORE_ADDRESS", "FRAUD_URL", "CLEARING_URL", "PUSH_URL"} {
		if value := ts.Getenv(name); value != "" {
			b.cmd.Env = append(b.cmd.Env, name+"="+value)
		}
	}
	b.cmd.Stderr, b.cmd.Stdout = b, b
	b.cmd.WaitDelay = 5 * time.Second // a browser may hold its output
	ts.Check(b.cmd.Start())
	go func() {
		_ = b.cmd.Wait()
		close(b.done)
	}()
	backgrounds(ts)[name] = b
	ts.Defer(b.stop)
	_, err = b.await(`Ctrl-C stops$|^admin port on|^not served yet`)
	ts.Check(err)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range regexp.MustCompile(`(?m)^simulated host for (\S+) on (\S+)`).FindAllSubmatch(b.text.Bytes(), -1) {
		ts.Setenv(name+"_HOST_"+string(m[1]), string(m[2]))
	}
	if m := regexp.MustCompile(`(?m)^(?:gateway|serving) .*?(http://\S+)`).FindSubmatch(b.text.Bytes()); m != nil {
		ts.Setenv(name+"_API", string(m[1]))
	}
	if m := regexp.MustCompile(`(?m)^admin .*?(http://\S+)`).FindSubmatch(b.text.Bytes()); m != nil {
		ts.Setenv(name+"_ADMIN", string(m[1]))
	}
}

func storyAwait(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await NAME PATTERN")
	}
	b := backgrounds(ts)[args[0]]
	if b == nil {
		ts.Fatalf("%s was not started", args[0])
	}
	_, err := b.await(args[1])
	ts.Check(err)
}

func storyStop(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: stop NAME")
	}
	b := backgrounds(ts)[args[0]]
	b.stop()
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".log"), b.text.Bytes(), 0o600))
	if code := b.cmd.ProcessState.ExitCode(); code != exitOK {
		ts.Fatalf("%s ended with %d:\n%s", args[0], code, b.text.String())
	}
}

func storyCall(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: call METHOD URL [BODY]")
	}
	var body io.Reader
	if len(args) == 3 {
		body = strings.NewReader(args[2])
	}
	r, err := http.NewRequest(args[0], args[1], body)
	ts.Check(err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", fmt.Sprintf("story-%024d", time.Now().UnixNano()))
	}
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(r)
	ts.Check(err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	ts.Check(err)
	_, _ = fmt.Fprintf(ts.Stdout(), "%d %s\n", resp.StatusCode, text)
	if neg != (resp.StatusCode >= 400) {
		ts.Fatalf("%d %s", resp.StatusCode, text)
	}
}

func storyEdit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	file := ts.MkAbs(filepath.FromSlash(args[0]))
	text := ts.ReadFile(file)
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s does not hold %q:\n%s", args[0], args[1], text)
	}
	// In one step, and by way of another folder, so that who watches never sees half of it.
	next := filepath.Join(ts.MkAbs(".tmp"), "next")
	ts.Check(os.WriteFile(next, []byte(strings.ReplaceAll(text, args[1], strings.ReplaceAll(args[2], `\n`, "\n"))), 0o600))
	ts.Check(os.Rename(next, file))
}

func storyExample(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: example NAME")
	}
	to := ts.MkAbs(args[0])
	ts.Check(os.CopyFS(to, os.DirFS(filepath.Join(ts.Getenv("EXAMPLES"), args[0]))))
	config := filepath.Join(to, "lintel.yaml")
	ts.Check(os.WriteFile(config, moreTime([]byte(ts.ReadFile(config)), nil), 0o600))
}

func storyWaitFile(ts *testscript.TestScript, _ bool, args []string) {
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if b, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && len(b) > 0 {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%s does not come", args[0])
		}
	}
}

func storyWaitCall(ts *testscript.TestScript, _ bool, args []string) {
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		resp, err := http.Get(args[0])
		ts.Check(err)
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		ts.Check(err)
		if bytes.Contains(text, []byte(args[1])) {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%s never says %s", args[0], args[1])
		}
	}
}

func storyTaken(ts *testscript.TestScript, _ bool, args []string) {
	u, err := url.Parse(args[0])
	ts.Check(err)
	ts.Setenv("TAKEN", u.Port())
}
