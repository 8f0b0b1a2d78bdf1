// SPDX-License-Identifier: Apache-2.0

// Command lintel puts a REST/JSON API in front of mainframes and other legacy systems.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes. They are documented and never reused.
const (
	exitOK          = 0
	exitFindings    = 1
	exitUsage       = 2
	exitLoad        = 3
	exitUnreachable = 4
	exitInternal    = 5
)

// exitError carries the exit code of a failed command. Its message was printed already if silent.
type exitError struct {
	code   int
	err    error
	silent bool
}

// Error gives the message.
func (e *exitError) Error() string { return e.err.Error() }

// Unwrap gives the cause.
func (e *exitError) Unwrap() error { return e.err }

func main() { os.Exit(process(nil)) }

// process is this process's run: it is stopped by signals. point is nil but in tests.
func process(point func(string)) (code int) {
	ctx, hurry, stop := signals()
	defer stop()
	return runWith(ctx, os.Args[1:], &program{stdout: os.Stdout, stderr: os.Stderr, env: os.LookupEnv, hurry: hurry, point: point})
}

// signals gives a context that the first signal to stop ends, and a channel that the second closes.
func signals() (ctx context.Context, hurry <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	got, second := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(got, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-got
		cancel()
		<-got
		close(second)
	}()
	return ctx, second, func() { signal.Stop(got) }
}

// run is the whole program: results go to stdout, talk to stderr; it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	return runWith(ctx, args, &program{stdout: stdout, stderr: stderr, env: os.LookupEnv})
}

func runWith(ctx context.Context, args []string, p *program) (code int) {
	stderr := p.stderr
	defer func() {
		if p := recover(); p != nil {
			_, _ = fmt.Fprintf(stderr, "lintel: internal error: %v\n", p)
			code = exitInternal
		}
	}()
	root := newRoot(p)
	root.SetArgs(args)
	root.SetOut(p.stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	var e *exitError
	if !errors.As(err, &e) {
		_, _ = fmt.Fprintf(stderr, "lintel: %v\nRun 'lintel --help' for usage.\n", err)
		return exitUsage
	}
	if !e.silent {
		_, _ = fmt.Fprintf(stderr, "lintel: %v\n", e.err)
	}
	return e.code
}

// program is what every sub-command shares.
type program struct {
	stdout, stderr io.Writer
	env            func(string) (string, bool)
	output         string
	// point is called at the named points of an exchange; nil but in tests.
	point func(string)
	// hurry is closed when a stop is not to wait any more; nil means never.
	hurry <-chan struct{}
}

func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:   "lintel",
		Short: "A contract-first REST API in front of mainframes",
		Long: `Lintel puts a contract-first REST/JSON API in front of mainframes and other legacy
systems, and never changes them.`,
		Example: `  lintel serve --simulate examples/bank
  lintel check examples/bank`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.PersistentFlags().StringVar(&p.output, "output", "text", "form of results: text or json")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if forms := outputForms(cmd.Annotations); !slices.Contains(forms, p.output) {
			return fmt.Errorf("--output must be %s, not %q", strings.Join(forms, " or "), p.output)
		}
		return nil
	}
	examplesFirst(root)
	root.AddCommand(
		newServe(p),
		newDev(p),
		newSimulate(p),
		newRecord(p),
		newReplay(p),
		newNew(p),
		newImport(p),
		newCheck(p),
		newExplain(p),
		newTest(p),
		newDoctor(p),
		newDiff(p),
		newFmt(p),
		newExport(p),
		newCodePage(p),
		newLayout(p),
		newSchema(p),
		newDecode(p),
		newEncode(p),
		newKey(p),
		newDoubts(p),
		newStatus(p),
		newReload(p),
		newBreaker(p),
		newLog(p),
		newConfig(p),
		newHealthcheck(p),
		newMan(p),
		newVersion(p),
	)
	return root
}
