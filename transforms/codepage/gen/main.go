// SPDX-License-Identifier: Apache-2.0

// Command gen writes the tables of package codepage: tables_gen.go for the
// single bytes and dbcs.bin for the double bytes.
//
// It takes the list of pages from pages.txt, builds the small C program in
// icu/ that prints the mappings of ICU, and asks glibc (iconv) for the few
// pages the packaged ICU data lacks. Run it by generate.sh, which installs
// what it needs on Debian, or by go generate where cc, pkg-config, the ICU
// headers and iconv are present.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	dir := flag.String("dir", "gen", "folder of pages.txt and icu/icudump.c")
	out := flag.String("out", ".", "folder to write tables_gen.go and dbcs.bin to")
	flag.Parse()
	if err := run(context.Background(), *dir, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir, out string) error {
	pages, err := readPages(filepath.Join(dir, "pages.txt"))
	if err != nil {
		return err
	}
	dump, err := runICU(ctx, filepath.Join(dir, "icu", "icudump.c"), pages)
	if err != nil {
		return err
	}
	tables, err := singleTables(ctx, pages, dump)
	if err != nil {
		return err
	}
	sets, blob, err := packSets(pages, dump)
	if err != nil {
		return err
	}
	source, err := render(dump.version, pages, tables, sets)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "dbcs.bin"), blob, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "tables_gen.go"), source, 0o644)
}
