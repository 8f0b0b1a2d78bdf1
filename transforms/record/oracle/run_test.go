// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"lintel/specs"
	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// needCOBOL skips the test, and says so on standard error, where the compiler is missing. With
// LINTEL_REQUIRE_PEERS=1 it fails instead.
func needCOBOL(t *testing.T) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "cobc", "--version").Output()
	if err == nil && bytes.Contains(out, []byte("GnuCOBOL) 3.")) {
		return
	}
	if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
		t.Fatal("cobc of GnuCOBOL 3 is missing and LINTEL_REQUIRE_PEERS=1")
	}
	fmt.Fprintf(os.Stderr, "NOT CHECKED: %s: cobc of GnuCOBOL 3 is missing\n", t.Name())
	t.Skip("cobc of GnuCOBOL 3 is missing")
}

// compileTime and runTime bound the compiler and a program.
const (
	compileTime = 3 * time.Minute
	runTime     = 2 * time.Minute
)

// build compiles one program for the layouts.
func build(dir string, p *play, layouts []*layout) (string, error) {
	source, binary := filepath.Join(dir, "oracle.cob"), filepath.Join(dir, "oracle")
	if err := os.WriteFile(source, []byte(cobolProgram(layouts)), 0o600); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), compileTime)
	defer cancel()
	args := append(append([]string{"-x", "-w"}, p.flags...), common()...)
	cmd := exec.CommandContext(ctx, "cobc", append(args, "-o", binary, source)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "COB_CFLAGS=-O0 -pipe -w -fsigned-char -Wno-pointer-sign", "TMPDIR="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cobc %s: %w\n%s", strings.Join(args, " "), err, refusals(source, out))
	}
	return binary, nil
}

// refusals is what the compiler said, each line with the line of the source.
func refusals(source string, out []byte) string {
	text, err := os.ReadFile(source)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(string(text), "\n")
	var b strings.Builder
	for i, said := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		if i >= 10 {
			break
		}
		said = strings.TrimPrefix(said, source)
		b.WriteString(said + "\n")
		parts := strings.SplitN(said, ":", 3)
		if n, err := strconv.Atoi(parts[min(1, len(parts)-1)]); err == nil && n > 0 && n <= len(lines) {
			b.WriteString("    " + strings.TrimSpace(lines[n-1]) + "\n")
		}
	}
	return b.String()
}

// run gives the program its input and returns the lines it prints.
func run(binary string, input []byte) ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), runTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary)
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		return nil, fmt.Errorf("the COBOL program: %w\n%s", err, stderr.Bytes())
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"), nil
}

// compiled is a layout with our codec for it.
type compiled struct {
	*layout
	codec *record.Codec
}

// compileLayout lays the record out and makes the codec, as a workspace would.
func compileLayout(l *layout, o record.Options) (*compiled, error) {
	book, findings := copybook.Parse("ORACLE.cpy", []byte(l.source()), copybook.Options{
		Dialect: l.play.dialect, Format: copybook.Fixed, DecimalComma: l.play.comma,
	})
	if findings.HasErrors() || len(findings) > 0 && book == nil {
		return nil, fmt.Errorf("copybook: %v", list(findings))
	}
	if len(book.Records) != 1 {
		return nil, fmt.Errorf("copybook: %d records", len(book.Records))
	}
	if err := l.bind(book.Records[0]); err != nil {
		return nil, err
	}
	codec, findings := record.Compile(book.Records[0], o)
	if codec == nil {
		return nil, fmt.Errorf("codec: %v", list(findings))
	}
	return &compiled{l, codec}, nil
}

func list(fs specs.Findings) string {
	var b strings.Builder
	for _, f := range fs {
		b.WriteString("\n  " + f.String())
	}
	return b.String()
}
