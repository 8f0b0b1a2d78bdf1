// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/tools/txtar"
)

// TestHelpExamples runs every example of every help text, which are those of the manual pages too, as it stands: only names of hosts,
// ports and numbers that are those of the reader are replaced.
func TestHelpExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("runs more than a hundred commands")
	}
	w := newExampleWorld(t)
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		if lines := exampleLines(cmd.Example, "  "); len(lines) > 0 {
			t.Run(cmd.CommandPath(), func(t *testing.T) {
				t.Parallel()
				w.group(t, "", lines)
			})
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(newRoot(&program{stdout: io.Discard, stderr: io.Discard, env: noEnv}))
	t.Cleanup(func() { w.unused(t, "help") })
}

// TestPageCommands runs every command line of the pages of docs/ and of the READMEs, in the order of each page. What a page
// starts goes on until its end.
func TestPageCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("runs more than a hundred commands")
	}
	w := newExampleWorld(t)
	pages := []string{"../../README.md"}
	for _, pattern := range []string{"../../docs/*.md", "../../docs/*/*.md", "../../examples/*/README.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	for _, page := range pages {
		lines := exampleLines(readDoc(t, page), "    ")
		if len(lines) == 0 {
			continue
		}
		t.Run(strings.TrimPrefix(filepath.ToSlash(page), "../../"), func(t *testing.T) {
			t.Parallel()
			w.group(t, page, lines)
		})
	}
	t.Cleanup(func() { w.unused(t, "docs") })
}

// commandLine begins a line that is a command, after an indent.
var commandLine = regexp.MustCompile(`^(?:[A-Z_]+=\S+ )*(?:lintel|go run \./cmd/lintel|curl|openssl|cp|echo) `)

// exampleLines are the commands of a text that stand behind an indent, continued lines in one.
func exampleLines(text, indent string) []string {
	var out []string
	fenced, goes := false, false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		rest, indented := strings.CutPrefix(line, indent)
		switch {
		case goes:
			out[len(out)-1] += " " + strings.TrimSpace(strings.TrimSuffix(line, `\`))
		case fenced || !indented || !commandLine.MatchString(rest):
			continue
		default:
			out = append(out, strings.TrimSpace(strings.TrimSuffix(rest, `\`)))
		}
		goes = strings.HasSuffix(line, `\`)
	}
	return out
}

// exampleCase says what is special about an example.
type exampleCase struct {
	// in is "help" or "docs", or empty for both; has is a part of the line.
	in, has string
	// exits are the exit codes that it may have; nil for 0 alone.
	exits []int
	// out must be printed.
	out  string
	used atomic.Bool
}

// exampleWorld is what examples are run in.
type exampleWorld struct {
	bin, template string
	env           []string
	cases         []*exampleCase
}

// exampleCases are the examples that do not simply succeed.
func exampleCases() []*exampleCase {
	return []*exampleCase{
		{has: "lintel doctor", exits: []int{0, 4}, out: "resolve"}, // the hosts are not there
		{has: "accept-loss", exits: []int{1}, out: "nothing was lost"},
		{in: "help", has: "--with reply.bin", exits: []int{0, 1}, out: "INQ-BALANCE"},  // an empty record has codes without a name
		{in: "help", has: "import zosconnect bank-api", exits: []int{1}, out: "next:"}, // the project of the story has an operation that nothing serves
	}
}

// newExampleWorld prepares a folder with everything that examples name: the bank's workspace with its history, others
// beside it, and small files.
func newExampleWorld(t *testing.T) *exampleWorld {
	t.Helper()
	w := &exampleWorld{bin: t.TempDir(), template: t.TempDir(), cases: exampleCases()}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"lintel": asCommand + `=1 exec "` + exe + `" "$@"`, "man": "cat >man.roff", "xdg-open": `echo "$1" >opened`,
	} {
		if err := os.WriteFile(filepath.Join(w.bin, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	w.env = append(os.Environ(), "PATH="+w.bin+string(os.PathListSeparator)+os.Getenv("PATH"), "BROWSER=",
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	for to, from := range map[string]string{
		"examples": "examples", ".": "examples/bank", "asked": "examples/bank", "bank-v1": "examples/bank", "bank-v2": "examples/bank", "new-bank": "examples/bank",
	} {
		if err := os.CopyFS(filepath.Join(w.template, to), os.DirFS("../../"+from)); err != nil {
			t.Fatal(err)
		}
	}
	for _, pattern := range []string{"lintel.yaml", "*/lintel.yaml", "examples/*/lintel.yaml"} {
		found, err := filepath.Glob(filepath.Join(w.template, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			giveTime(t, filepath.Dir(file))
		}
	}
	unpack(t, w.template, "testdata/helpexamples.txtar", "testdata/script/import-zosconnect.txtar")
	tape, err := createTape(filepath.Join(w.template, "monday.tape"), tapeTestKey())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(tape.Close(), os.WriteFile(filepath.Join(w.template, "tape.key"), tapeTestKey(), 0o600)); err != nil {
		t.Fatal(err)
	}
	w.sh(t, w.template, `cp examples/bank/copybooks/*.cpy . && cp examples/bank/openapi.yaml api.yaml && cp -r examples/claims/wsdl/. . && mv parts-api bank-api &&
		sed -i.was 's/after: 35s/after: 50m/' asked/transforms/transfer.yaml && rm asked/transforms/*.was && chmod 600 admin.token && cp admin.token asked/ && printf 'operations: {adminToken: "${file:admin.token}"}\n' >> asked/lintel.yaml &&
		printf 'operations:\n  transfer: {faults: [{fault: disconnect, when: =request.reference == "LOST"}]}\n' > asked/simulate.yaml && git init -q -b main && git add -A && git commit -qm 1 && git tag v1.0 && git tag v1.1 &&
		lintel encode ACCOUNT.cpy accounts.jsonl --codepage cp1140 > accounts.bin && lintel encode ACCOUNT.cpy --framing rdw < accounts.jsonl > accounts.vb &&
		printf '\301\302\303' > extract.bin && echo '{}' | lintel encode ACCTINQ.cpy --record INQ-REPLY --codepage cp1140 --framing rdw | tail -c +5 > reply.bin`)
	return w
}

// unpack writes the files of txtar archives.
func unpack(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			to := filepath.Join(dir, filepath.FromSlash(f.Name))
			if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, f.Data, 0o600)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// command is a shell that runs a line.
func (w *exampleWorld) command(dir, line string, env ...string) *exec.Cmd {
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir, cmd.Env = dir, append(slices.Clip(w.env), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// sh runs a line that must succeed.
func (w *exampleWorld) sh(t *testing.T, dir, line string) string {
	t.Helper()
	out, err := w.command(dir, line).CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%v\n%s", line, err, out)
	}
	return string(out)
}

// exampleGroup are the lines that run in one folder.
type exampleGroup struct {
	*exampleWorld
	dir string
	// api and admin are those of the gateway that was started last, core is a simulated host.
	api, admin, core string
	// socket is the admin port of one that has none in the network.
	socket string
	// over ends what was started last.
	over func()
}

// prepare makes what a page has made before its first line, from the page itself where it says it.
func (g *exampleGroup) prepare(t *testing.T, page string) {
	fence := func(page string) []byte {
		_, text, _ := strings.Cut(readDoc(t, "../../docs/guide/"+page), "```cobol\n")
		text, _, _ = strings.Cut(text, "```")
		return []byte(text)
	}
	for name, page := range map[string]string{"STOCKINQ.cpy": "ten-minutes.md", "CUSTINQ.cpy": "first-api.md"} {
		if err := os.WriteFile(filepath.Join(g.dir, name), fence(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	switch filepath.Base(page) {
	case "first-api.md":
		g.sh(t, g.dir, "cp -r '"+guideFiles(t, page)+"' crm")
	case "recordings.md":
		g.sh(t, g.dir, "cp -r examples/bank bank")
	}
	if strings.HasSuffix(filepath.ToSlash(page), "claims/README.md") {
		g.sh(t, g.dir, "cp -r examples/claims/wsdl wsdl")
	}
}

// group runs lines in a folder of their own, one after the other; page is empty for those of a help text.
func (w *exampleWorld) group(t *testing.T, page string, lines []string) {
	g := &exampleGroup{exampleWorld: w, dir: t.TempDir(), over: func() {}}
	w.sh(t, w.template, "cp -Rp . '"+g.dir+"'") // with who may read what
	if page != "" {
		g.prepare(t, page)
	}
	for _, line := range lines {
		g.run(t, line)
	}
}

var (
	// serverLine begins a line that goes on until it is stopped.
	serverLine = regexp.MustCompile(`^(?:\S+=\S+ )*lintel (serve|dev|simulate|record|replay)\b`)
	// askingLine is one that asks a running gateway.
	askingLine = regexp.MustCompile(`lintel (status|reload|breaker|loglevel|healthcheck|doubts|config print.*--admin|test.*(--from http|--against))|^curl `)
)

// recordingName is that of a recording, where a line names one.
var recordingName = regexp.MustCompile(`\w+\.tape`)

// run runs one line.
func (g *exampleGroup) run(t *testing.T, line string) {
	t.Helper()
	c := g.caseOf(line)
	line = strings.Replace(line, "go run ./cmd/lintel", "lintel", 1)
	if name := recordingName.FindString(line); name != "" {
		g.over() // what records it, if anything does
		if strings.Contains(line, "lintel record") {
			_ = os.Remove(filepath.Join(g.dir, name))
		}
	}
	if m := serverLine.FindStringSubmatch(line); m != nil && !strings.Contains(line, "--compare") {
		g.serve(t, m[1], line)
		return
	}
	if askingLine.MatchString(line) && g.admin == "" {
		g.serve(t, "dev", "lintel dev asked")
	}
	said := g.here(t, line)
	out, err := g.command(g.dir, said, "LINTEL_ADMIN="+g.admin, "LINTEL_ADMIN_TOKEN_FILE=admin.token", "SSL_CERT_FILE=host.pem", "CORE_ADDRESS="+g.core).CombinedOutput()
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	exits := c.exits
	if exits == nil {
		exits = []int{0}
	}
	if !slices.Contains(exits, code) || !strings.Contains(string(out), c.out) {
		t.Errorf("%s\nran as %s\nand ended with %d, not %v\n%s", line, said, code, exits, out)
	}
}

// here gives a line with the names of hosts, ports and numbers of this folder.
func (g *exampleGroup) here(t *testing.T, line string) string {
	if strings.Contains(line, "test-host:9301") && g.core == "" {
		g.serve(t, "simulate", "lintel simulate examples/bank")
	}
	for _, number := range []string{"5f0c…", "01900000-0000-7000-8000-000000000000", " ID"} {
		if before, after, found := strings.Cut(line, number); found {
			line = before + " " + g.doubt(t) + after
		}
	}
	if strings.Contains(line, "unix:/run") && g.socket == "" {
		dir, err := os.MkdirTemp("", "lintel") // a socket needs a short path
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		g.socket = "unix:" + filepath.Join(dir, "admin.sock")
		admin := g.admin
		g.serve(t, "socket", "lintel serve --simulate --listen 127.0.0.1:0 --admin "+g.socket+" asked")
		g.admin = admin
	}
	if strings.Contains(line, "https://host.example") {
		line = strings.ReplaceAll(line, "https://host.example", g.host(t))
	}
	line = strings.NewReplacer(
		"http://127.0.0.1:9901", g.admin, "127.0.0.1:9901", strings.TrimPrefix(g.admin, "http://"), "http://127.0.0.1:39353", g.admin, "localhost:9901", strings.TrimPrefix(g.admin, "http://"),
		"http://localhost:8080", g.api, "localhost:8080", strings.TrimPrefix(g.api, "http://"), "unix:/run/lintel/admin.sock", g.socket,
		"/usr/local/share/man/man1", "man1", "test-host:9301", g.core,
	).Replace(line)
	return line
}

// host serves the WSDL of the claims example over TLS, verified by host.pem.
func (g *exampleGroup) host(t *testing.T) string {
	files := http.FileServer(http.Dir(filepath.Join(g.dir, "examples/claims/wsdl")))
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "wsdl" {
			r.URL.Path += ".wsdl"
		}
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	writePEM(t, g.dir, "host.pem", "CERTIFICATE", s.Certificate().Raw)
	return s.URL
}

// doubt makes an operation of which nobody knows whether it was done, and gives its number.
func (g *exampleGroup) doubt(t *testing.T) string {
	t.Helper()
	g.sh(t, g.dir, `curl -s `+g.api+`/transfers -H 'Content-Type: application/json' -H "Idempotency-Key: example-$(date +%s%N)" -d '{"from":"0000004711","to":"0000004712","amount":{"amount":1.00,"currency":"EUR"},"reference":"LOST"}'`)
	found := regexp.MustCompile(`"operation":"([0-9a-f]+)"`).FindStringSubmatch(g.sh(t, g.dir, "lintel doubts list --output json --token-file admin.token --admin "+g.admin))
	if found == nil {
		t.Fatal("there is no doubt")
	}
	return found[1]
}

// serve starts a line that goes on, waits until it is ready, and ends it with the group.
func (g *exampleGroup) serve(t *testing.T, command, line string) {
	t.Helper()
	ports := map[string]string{
		"serve": " --listen 127.0.0.1:0 --admin 127.0.0.1:0", "record": " --simulate --listen 127.0.0.1:0 --admin 127.0.0.1:0", "dev": " --port 0 --admin 127.0.0.1:0",
	}[command]
	if command == "simulate" || command == "replay" {
		names := []string{"core", "fraud", "clearing", "push"}
		switch {
		case strings.Contains(line, "claims"):
			names = []string{"claims"}
		case strings.HasSuffix(line, " stock"):
			names = names[:1]
		}
		for _, name := range names {
			ports += " --listen " + name + "=127.0.0.1:0"
		}
	}
	core := "CORE_ADDRESS=" + g.core // of the host that is simulated, if one is
	b := &background{done: make(chan struct{}), cmd: g.command(g.dir, "exec "+g.here(t, line)+ports, core)}
	if env := regexp.MustCompile(`^((?:\S+=\S+ )+)(lintel .*)$`).FindStringSubmatch(line); env != nil {
		b.cmd = g.command(g.dir, "exec "+env[2]+ports, strings.Fields(env[1])...)
	}
	b.cmd.Stdout, b.cmd.Stderr, b.cmd.WaitDelay = b, b, 5*time.Second
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = b.cmd.Wait()
		close(b.done)
	}()
	g.over = sync.OnceFunc(func() {
		b.stop()
		if code := b.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("%s ended with %d:\n%s", line, code, b.text.String())
		}
		g.api, g.admin = "", ""
	})
	t.Cleanup(g.over)
	if _, err := b.await(`Ctrl-C stops$|^admin port on`); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for to, pattern := range map[*string]string{&g.api: `(?m)^(?:gateway|serving) .*?(http://\S+)`, &g.admin: `(?m)^admin .*?(http://\S+)`, &g.core: `(?m)^simulated host for core on (\S+)`} {
		if m := regexp.MustCompile(pattern).FindSubmatch(b.text.Bytes()); m != nil {
			*to = string(m[1])
		}
	}
}

// caseOf is what is special about a line.
func (w *exampleWorld) caseOf(line string) *exampleCase {
	for _, c := range w.cases {
		if strings.Contains(line, c.has) {
			c.used.Store(true)
			return c
		}
	}
	return &exampleCase{}
}

// unused reports cases that no line has any more.
func (w *exampleWorld) unused(t *testing.T, in string) {
	for _, c := range w.cases {
		if !c.used.Load() && (c.in == "" || c.in == in) {
			t.Errorf("no example has %q any more", c.has)
		}
	}
}
