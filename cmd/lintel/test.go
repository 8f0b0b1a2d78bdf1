// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"lintel/specs"
)

// testCommand is the flags of lintel test.
type testCommand struct {
	p        *program
	coverage bool
	junit    string
	against  string
	headers  []string
	timeout  time.Duration
	// updates rewrites what failing tests expect, records completes tests that have a request only.
	updates, records bool
	calls            callSource
}

func newTest(p *program) *cobra.Command {
	c := &testCommand{p: p}
	cmd := &cobra.Command{
		Use:   "test [DIR] [PATTERN]",
		Short: "Run the exchanges of a workspace's tests",
		Long: `Test plays every exchange of tests/ offline: the request goes through the whole gateway, the test
answers in the place of the host. It compares what the host received and what the app got with what the
test says, and shows every difference: values by JSON pointer, bytes by field and offset. Messages of the
tests of listeners go the way to their event or call, and become what the test says, or poison. A test of
a ping tells whether it succeeds, that of an inquiry or a reversal what its reply proves.

PATTERN chooses tests by OPERATION/NAME; * stands for any characters. Without a slash it names operations.
A listener, or the backend of a ping, is named like an operation.
With --record --from the last calls of a running lintel dev, or of a file of lintel record, become tests
first: what the app sent, what the host got and replied, and what the app got. Calls that are tests
already are left out. What is declared sensitive is masked.

With --against the requests are sent to a running gateway, and only the answers are compared. Tests of
inquiries and reversals are left out then.

A request without identity is sent by a caller who may do all that the operation asks for; identity: null
is sent by nobody. Exit code 0: all passed; 1: differences, or findings in the workspace; 2: wrong usage,
or no test has the pattern; 3: the workspace cannot be loaded; 4: the gateway of --against is unreachable.`,
		Example: `  lintel test examples/bank
  lintel test examples/bank 'getAccount/*savings*' --coverage
  lintel test --junit report.xml
  lintel test --update
  lintel test --record
  lintel test --record --from http://127.0.0.1:9901 examples/bank
  lintel test --record --from monday.tape --key file:tape.key examples/bank
  lintel test --against http://localhost:8080 --header @key.txt`,
		Args: cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, pattern, err := c.arguments(args)
			if err != nil {
				return err
			}
			return c.run(cmd.Context(), dir, pattern)
		},
	}
	cmd.Flags().BoolVar(&c.coverage, "coverage", false, "show which fields, outcomes and variants the tests reach")
	cmd.Flags().StringVar(&c.junit, "junit", "", "write the results as JUnit XML to `FILE`")
	cmd.Flags().StringVar(&c.against, "against", "", "send the requests to the gateway at `URL`")
	cmd.Flags().StringArrayVar(&c.headers, "header", nil, "`NAME: VALUE` of a header to send with --against, or @FILE with one in each line (for credentials)")
	cmd.Flags().BoolVar(&c.updates, "update", false, "rewrite what failing tests expect by what came, and show the difference; comments stay")
	cmd.Flags().BoolVar(&c.records, "record", false, "complete tests that have a request only, with what the simulated host and the app got; with --against by the answer of the gateway")
	c.calls.add(p, cmd)
	cmd.Flags().DurationVar(&c.timeout, "timeout", 30*time.Second, "longest time of one request with --against")
	return cmd
}

// arguments tells a folder from a pattern: one argument alone is a pattern if no such folder exists.
func (c *testCommand) arguments(args []string) (dir, pattern string, err error) {
	dir = "."
	switch len(args) {
	case 2:
		dir, pattern = args[0], args[1]
	case 1:
		if info, err := os.Stat(args[0]); err == nil && info.IsDir() || strings.ContainsAny(args[0], `\.`) || strings.HasPrefix(args[0], "/") {
			dir = args[0]
		} else {
			pattern = args[0]
		}
	}
	if c.against == "" && len(c.headers) > 0 {
		return "", "", usageError("--header is for --against")
	}
	if c.against != "" && c.coverage {
		return "", "", usageError("--coverage is of the transforms, which --against does not see")
	}
	if c.against != "" && c.updates {
		return "", "", usageError("--update is of tests that are played offline")
	}
	if err := c.calls.check(c); err != nil {
		return "", "", err
	}
	if _, err := path.Match(pattern, ""); err != nil {
		return "", "", usageError("the pattern %q has a [ without its end", pattern)
	}
	return dir, pattern, nil
}

// matches reports whether a test is chosen. * stands for any characters, slashes too.
func matches(pattern, operation, name string) bool {
	if pattern == "" {
		return true
	}
	if !strings.Contains(pattern, "/") {
		return globbed(pattern, operation)
	}
	return globbed(pattern, operation+"/"+name)
}

func globbed(pattern, text string) bool {
	hide := strings.NewReplacer("/", "\x01")
	ok, _ := path.Match(hide.Replace(pattern), hide.Replace(text))
	return ok
}

// testResult is what became of one test.
type testResult struct {
	Operation string    `json:"operation"`
	Name      string    `json:"name"`
	Place     specs.Pos `json:"place"`
	Passed    bool      `json:"passed"`
	// Failures are sentences: what is not as the test says.
	Failures []string `json:"failures,omitempty"`
	Seconds  float64  `json:"seconds"`
}

func (c *testCommand) run(ctx context.Context, dir, pattern string) error {
	compiled, _, err := c.p.ready(dir)
	if err != nil {
		return err
	}
	if c.records {
		record := c.record
		if c.calls.from != "" {
			record = c.recordCalls
		}
		if err := record(ctx, compiled, pattern); err != nil {
			return err
		}
		if compiled, err = c.reload(compiled); err != nil {
			return err
		}
	}
	runner, results, err := c.play(ctx, compiled, pattern)
	if err != nil {
		return err
	}
	if c.updates && slices.ContainsFunc(results, func(r testResult) bool { return !r.Passed }) {
		if err := c.update(ctx, compiled, results); err != nil {
			return err
		}
		if compiled, err = c.reload(compiled); err != nil {
			return err
		}
		if runner, results, err = c.play(ctx, compiled, pattern); err != nil {
			return err
		}
	}
	return c.report(compiled, runner, results, cmp.Or(pattern, "*"))
}

// play runs the tests that the pattern chooses.
func (c *testCommand) play(ctx context.Context, compiled *plan, pattern string) (caseRunner, []testResult, error) {
	runner, err := c.runner(compiled)
	if err != nil {
		return nil, nil, err
	}
	var results []testResult
	for _, op := range compiled.operations {
		for _, tc := range casesFor(compiled.ws, op.spec.ID) {
			if !matches(pattern, op.spec.ID, tc.Name) {
				continue
			}
			r, err := playCase(ctx, runner, op, tc)
			if errors.Is(err, errNotForRemote) {
				continue
			}
			if err != nil {
				return nil, nil, err
			}
			results = append(results, r)
		}
	}
	if o, ok := runner.(*offline); ok { // a running gateway takes its messages from a broker
		results = append(results, o.hear(ctx, pattern)...)
		results = append(results, o.ping(pattern)...)
		results = append(results, o.ask(pattern)...)
	} else if err := c.sayLeftOut(compiled, pattern); err != nil {
		return nil, nil, err
	}
	return runner, results, nil
}

// caseRunner runs one test and says what is not as it should be.
type caseRunner interface {
	run(ctx context.Context, op *operation, c *specs.TestCase) (failures []string, err error)
}

func (c *testCommand) runner(compiled *plan) (caseRunner, error) {
	if c.against != "" {
		return newRemote(c)
	}
	p, err := newPlayer(compiled)
	if err != nil {
		return nil, &exitError{code: exitInternal, err: err}
	}
	return &offline{player: p, reached: newCoverage(compiled)}, nil
}

// playCase runs one test and measures it.
func playCase(ctx context.Context, r caseRunner, op *operation, c *specs.TestCase) (testResult, error) {
	start := time.Now()
	failures, err := r.run(ctx, op, c)
	return testResult{
		Operation: op.spec.ID, Name: c.Name, Place: c.Pos, Passed: len(failures) == 0, Failures: failures,
		Seconds: time.Since(start).Seconds(),
	}, err
}

// report prints the results and fails if a test did.
func (c *testCommand) report(compiled *plan, r caseRunner, results []testResult, pattern string) error {
	if len(results) == 0 {
		return usageError("no test has the pattern %s; tests are in %s", pattern, path.Join(compiled.ws.Dir, "tests"))
	}
	var reached *coverage
	if o, ok := r.(*offline); ok && c.coverage {
		reached = o.reached
	}
	if c.junit != "" {
		if err := writeJUnit(c.junit, compiled.ws.Dir, results); err != nil {
			return &exitError{code: exitLoad, err: err}
		}
	}
	failed, err := printResults(c.p, results, reached)
	if err != nil {
		return err
	}
	if failed > 0 {
		return &exitError{code: exitFindings, err: errors.New("tests failed"), silent: true}
	}
	return nil
}
